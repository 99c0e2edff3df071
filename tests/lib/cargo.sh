# shellcheck shell=bash
# What the tests build with cargo. It takes the features of a dependency together over all that one
# call names, so each call names the whole workspace: what one part has built, the next one finds.

# Builds the program, as the tests of the command line have it.
build_program() { cargo test --quiet --workspace --no-run --test cli; }

# test_of_driver FOLDER TEST [ARGUMENT...]: runs one test program of a driver, in the driver's folder
# as cargo does.
test_of_driver() {
    local folder=$PWD/drivers/$1 test=$2 program
    shift 2
    program=$(
        cargo test --quiet --workspace --no-run --test "$test" \
            --message-format json-render-diagnostics | executable_of "$folder/Cargo.toml"
    ) && (cd "$folder" && "$program" "$@")
}

# Finds in cargo's messages what was built of the package with this manifest. All of them are read,
# for cargo fails where nobody takes what it says.
executable_of() {
    python3 -c '
import json, sys
built = [json.loads(line) for line in sys.stdin]
wanted = [one["executable"] for one in built
          if one.get("executable") and one["manifest_path"] == sys.argv[1]
          and one["target"]["kind"] == ["test"]]
sys.exit("cargo built no such test" if not wanted else print(wanted[0]))
' "$1"
}
