#!/bin/sh
# Make `.venv` from the hash locks: environment.sh runtime|all. A second run with nothing changed is instant.
set -eu
cd "$(dirname "$0")/../.."
wanted=${1:-runtime}
venv=.venv

fail() { printf '%s\n' "$*" >&2; exit 1; }

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
complete() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# The first Python that is new enough and can make an environment. A version manager may put commands on the
# path that do nothing, and a distribution may ship Python without ensurepip: only trying tells. The distribution's
# comes first: it was compiled with a profile of use, which version managers leave out, and runs a tenth faster.
choose_python() {
    incomplete=
    for candidate in ${PYTHON:-} /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
        fits "$candidate" || continue
        if complete "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
        incomplete=${incomplete:-$candidate}
    done
    if [ -n "$incomplete" ]; then
        version=$("$incomplete" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "Python $version est là, mais sans ensurepip : installez le paquet python$version-venv (apt install python$version-venv)."
    fi
    fail "Python 3.11 ou plus récent manque (trouvé : $(python3 --version 2>/dev/null || echo aucun)) : installez-le avec le paquet python3-venv."
}

[ -w . ] || fail "Pas le droit d'écrire dans $(pwd) : copiez le dépôt dans un dossier à vous."

if ! { [ -x "$venv/bin/python" ] && fits "$venv/bin/python"; }; then
    python=$(choose_python)
    [ ! -e "$venv" ] || rm -rf "$venv"  # its Python has gone
    echo "Environnement : $venv ($("$python" --version))"
    "$python" -m venv --without-pip "$venv" || fail "L'environnement $venv n'a pas pu être créé (disque plein ?)."
fi

# What the environment depends on, in one digest. The checkout's place counts: an editable install points to it.
digest() {
    { pwd; "$venv/bin/python" --version; cat "requirements/$1.txt" requirements/bootstrap.txt pyproject.toml hatch_build.py; } |
        cksum | tr -d ' \n'
}
stamped() { [ "$(cat "$venv/.entrepairs-$1" 2>/dev/null)" = "$(digest "$1")" ]; }

stamped all && exit 0
[ "$wanted" = runtime ] && stamped runtime && exit 0

# The pip that Python ships, run from its archive: installed, it would only serve to bring uv, for as long as all the rest.
bring_uv() {
    "$venv/bin/python" "$@" install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bootstrap.txt
}
archive=$("$venv/bin/python" -c '
import ensurepip, glob, os
places = (getattr(ensurepip, "_WHEEL_PKG_DIR", None), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"))
print(next((one for place in places if place for one in sorted(glob.glob(os.path.join(place, "pip-*.whl")))), ""))')
"$venv/bin/python" -m uv --version >/dev/null 2>&1 ||
    { [ -n "$archive" ] && bring_uv "$archive/pip"; } ||
    { "$venv/bin/python" -m ensurepip >/dev/null 2>&1 && bring_uv -m pip; } ||
    fail "L'installation de uv a échoué (réseau ? disque plein ?) : voir ci-dessus."

echo "Paquets : requirements/$wanted.txt"
uv() { "$venv/bin/python" -m uv --no-progress "$@"; }
uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "requirements/$wanted.txt" ||
    fail "L'installation des paquets a échoué (réseau ? disque plein ?) : voir ci-dessus."
uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable . ||
    fail "L'installation d'Entrepairs dans $venv a échoué : voir ci-dessus."

rm -f "$venv"/.entrepairs-*
digest "$wanted" > "$venv/.entrepairs-$wanted"
