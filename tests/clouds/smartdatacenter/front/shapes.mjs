// From the field names of Go to those of CloudAPI.
export const lower = (thing) =>
  Object.fromEntries(Object.entries(thing).map(([key, value]) => [key === "OS" ? "os" : key[0].toLowerCase() + key.slice(1), value]));

export const pack = ({ Default, VCPUs, ...rest }) => ({ ...lower(rest), vcpus: VCPUs ?? rest.vcpus, lwps: 4000 });

export function image({ PublishedAt, Requirements, Type, ...rest }) {
  return {
    ...lower(rest),
    published_at: PublishedAt ?? rest.published_at,
    requirements: {},
    type: Type === "virtualmachine" ? "zvol" : "zone-dataset",
    owner: "352971aa-31ba-496c-9ade-a379feaecd52",
  };
}

export const network = lower;
