// What CloudAPI refuses with.
export class Refusal extends Error {
  constructor(status, code, message, errors) {
    super(message);
    Object.assign(this, { status, code, errors });
  }

  body() {
    return { code: this.code, message: this.message, ...(this.errors && { errors: this.errors }) };
  }
}

export const notFound = (what) => new Refusal(404, "ResourceNotFound", `${what} not found`);
export const invalid = (message, field) =>
  new Refusal(409, "InvalidArgument", message, field && [{ field, code: "Invalid", message }]);
export const missing = (field) => new Refusal(409, "MissingParameter", `${field} is a required argument`);
