# Sourced by ./run, ./test and .ci/run, from the top folder: finds Python and keeps .venv as the requirements say.

if [ -n "${KEFIR_DATA:-}" ]; then
    case $KEFIR_DATA in
        /*) ;;
        *) KEFIR_DATA=$started_in/$KEFIR_DATA ;;
    esac
    export KEFIR_DATA
fi

say() { printf '%s\n' "$*"; }

give_up() {
    say "Kefir cannot start: $*" >&2
    exit 1
}

if [ -n "${KEFIR_LOCAL:-}" ]; then
    give_up "this terminal speaks to a Kefir that runs already (. var/env). Use another one."
fi

# Runs a command as root, or fails without asking for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi
}

apt_install() {
    command -v apt-get >/dev/null || return 1
    as_root true || return 1
    say "Installing $* with apt-get…"
    as_root apt-get -qq update >/dev/null || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$python"; then return; fi
    done
    give_up "it needs Python 3.11 or newer, and there is none on the PATH. See https://www.python.org/downloads/"
}

# A package of Debian and its kin, without which `python3 -m venv` makes nothing.
install_venv_module() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    apt_install "$version" || apt_install python3-venv || true
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        give_up "this Python has no venv module. On Debian and Ubuntu: sudo apt install $version"
}

make_venv() {
    if is_new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then return; fi
    find_python
    install_venv_module
    say "Making .venv with $("$python" --version)…"
    "$python" -m venv --clear .venv || give_up "$python could not make .venv; see above."
}

stamp_of() { { .venv/bin/python -VV; cat "$@"; } | cksum; }

# install NAME FILE…: what NAME needs, if that is not what was installed last time.
install() {
    name=$1
    shift
    stamp=.venv/installed-for-$name
    # The stamp is worth nothing where the Python beneath it is gone, so it is looked at last.
    if is_new_enough .venv/bin/python && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_of "$@")" ]; then return; fi
    make_venv
    say "Installing what it takes to $name Kefir into .venv (about a minute, once)…"
    files=
    for file in "$@"; do files="$files --requirement $file"; done
    # shellcheck disable=SC2086
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes $files ||
        give_up "the requirements could not be installed; pip says why above. The first start needs a network."
    stamp_of "$@" >"$stamp"
}

has_pango() {
    .venv/bin/python -c 'import sys; from ctypes.util import find_library as at; sys.exit(not at("pangoft2-1.0"))'
}

# What sets the type in PDFs of labels. Tried once: without it everything else works.
install_pango() {
    if has_pango || [ -e .venv/without-pango ]; then return; fi
    apt_install libpango-1.0-0 libpangoft2-1.0-0 && has_pango && return
    touch .venv/without-pango
    say "There is no Pango, so labels are printed from the page and not as a PDF. On Debian: apt-get install libpangoft2-1.0-0"
}

# The packages of the small TypeScript app among the tests; needs Node 18 or newer.
install_node_packages() {
    { command -v node && command -v npm; } >/dev/null || apt_install nodejs npm || return 1
    stamp=tests/typescript/node_modules/installed-for-test
    if [ "$(cat "$stamp" 2>/dev/null)" = "$(cksum <tests/typescript/package-lock.json)" ]; then return; fi
    say "Installing what it takes to compile TypeScript into tests/typescript/node_modules (once)…"
    npm ci --prefix tests/typescript --silent --no-audit --no-fund --ignore-scripts || return 1
    cksum <tests/typescript/package-lock.json >"$stamp"
}
