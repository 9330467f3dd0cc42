# common.sh - what the suites share. A suite is a program that prints "ok NAME" or "not ok NAME" for each test.
# The runner (../../test) gives TIRKEU_TMP and TIRKEU_LONG.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
: "${TIRKEU_TMP:=$(mktemp -d /tmp/tirkeu-test.XXXXXX)}" "${TIRKEU_LONG:=}"
root=$PWD

# check NAME COMMAND...: one test; what the command says is shown when it fails.
check() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "ok $name"
	else
		printf '%s\n' "$said" | tail -n 100
		echo "not ok $name"
	fi
}

# build FOLDER [MESON OPTION...] -- TARGET...: sets the folder up when it is new. Ends the suite when it fails.
build() {
	local folder=$1 options=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	[ -f "$folder/build.ninja" ] || meson setup "$folder" "${options[@]}" >"$TIRKEU_TMP/setup.log" 2>&1 || {
		tail -n 40 "$TIRKEU_TMP/setup.log"
		echo "not ok $folder is set up"
		exit 1
	}
	ninja -C "$folder" "$@" >"$TIRKEU_TMP/ninja.log" 2>&1 || {
		grep -v '^\[' "$TIRKEU_TMP/ninja.log" | tail -n 80
		echo "not ok $folder is built"
		exit 1
	}
}

# meson_tests FOLDER [meson test ARGUMENT...]: runs them and prints one line a test.
meson_tests() {
	local folder=$1
	shift
	meson test -C "$folder" --no-rebuild --print-errorlogs "$@" >"$TIRKEU_TMP/meson.log" 2>&1
	local code=$?
	sed -nE 's|^ *[0-9]+/[0-9]+ (.*[^ ]) +OK +[0-9.]+s.*|ok \1|p' "$TIRKEU_TMP/meson.log"
	if [ $code -ne 0 ]; then
		cat "$TIRKEU_TMP/meson.log"
		sed -nE 's/^ *[0-9]+\/[0-9]+ (.*[^ ]) +(FAIL|ERROR|TIMEOUT|UNEXPECTEDPASS) .*/not ok \1 (\2)/p' "$TIRKEU_TMP/meson.log" | sort -u
	fi
	return $code
}
