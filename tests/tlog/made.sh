#!/bin/bash
# Logs of all the sizes where tiles begin and end (write_log.c), read by tlogcheck; then the same with something changed.
# TLOGCHECK and WRITE_LOG are the programs.
set -uo pipefail
work=$(mktemp -d "${TIRKEU_TMP:-/tmp}/made.XXXXXX")
trap 'rm -rf "$work"' EXIT

# holds NAME WORD…, refused NAME WORD…: one test of what tlogcheck says to the words. A usage error (2) is neither.
holds() {
	local name=$1
	shift
	if said=$("$TLOGCHECK" "$@" 2>&1 | tr -d '\0'); then echo "ok $name"; else printf '  %s\nnot ok %s\n' "$said" "$name"; fi
}
refused() {
	local name=$1 code
	shift
	said=$("$TLOGCHECK" "$@" 2>&1)
	code=$?
	if [ $code -eq 1 ] && [[ $said == *tlogcheck:\ refused:* ]]; then
		echo "ok refused: $name"
	else
		printf '  ended with %s: %s\nnot ok refused: %s\n' $code "$said" "$name"
	fi
}

# make FOLDER SIZE SEED [FIRST]
make() { "$WRITE_LOG" "$work/$1" "${@:2}" || echo "not ok a log of $2 is written"; }
vkey_of() { cat "$work/$1/vkey"; }
# flip FILE OFFSET: one bit of one byte.
flip() {
	python3 - "$@" <<'END'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 1]))
END
}
# changed NAME: a copy of the log of 70,000 to do harm to; its path is in $harmed.
changed() {
	harmed=$work/harmed
	rm -rf "$harmed"
	cp -r "$work/70000" "$harmed"
}

for size in 1 2 255 256 257 511 65535 65536 65537 70000; do
	make $size $size 7
	holds "a log of $size" all "$work/$size" "$(vkey_of $size)"
	proofs=0 wrong=0
	for proof in "$work/$size"/*.tlog-proof; do
		"$TLOGCHECK" proof "$proof" "$(vkey_of $size)" "${proof%.tlog-proof}.entry" >"$work/said" 2>&1 || {
			wrong=$((wrong + 1))
			cat "$proof" "$work/said"
		}
		proofs=$((proofs + 1))
	done
	if [ $proofs -gt 0 ] && [ $wrong -eq 0 ]; then
		echo "ok all $proofs proof files of a log of $size"
	else
		echo "not ok all $proofs proof files of a log of $size ($wrong wrong)"
	fi
done
for old in 1 255 256 257 65535 65536 65537 70000; do
	holds "70000 entries begin with the $old of before" consistency "$work/$old/checkpoint" "$work/70000" "$(vkey_of 70000)"
done

vkey=$(vkey_of 70000) witness=$(cat "$work/70000/witness.vkey")
holds "a checkpoint with a witness" checkpoint "$work/70000" "$vkey" "$witness"
case $said in
*"witness.example/w1 saw it at 2023-03-20T12:25:47Z"*) echo "ok when the witness saw it" ;;
*) echo "not ok when the witness saw it: $said" ;;
esac
make other-key 70000 8
make other-past 257 7 1
refused "the key of somebody else" checkpoint "$work/70000" "$(vkey_of other-key)"
refused "a checkpoint by another key of the same name" checkpoint "$work/other-key" "$vkey"
refused "another witness of the same name" checkpoint "$work/70000" "$vkey" "$(cat "$work/other-key/witness.vkey")"
refused "a log's key in the place of a witness's" checkpoint "$work/70000" "$vkey" "$vkey"
refused "all of a log by another key of the same name" all "$work/other-key" "$vkey"
refused "a proof whose checkpoint another key signed" proof "$work/other-key/0.tlog-proof" "$vkey" "$work/70000/0.entry"
refused "a log that begins otherwise than before" consistency "$work/other-past/checkpoint" "$work/70000" "$vkey"
refused "a log that has become shorter" consistency "$work/70000/checkpoint" "$work/257" "$vkey"
refused "an old checkpoint by another key" consistency "$work/other-key/checkpoint" "$work/70000" "$vkey"
refused "another entry under a proof" proof "$work/70000/256.tlog-proof" "$vkey" "$work/70000/255.entry"

changed
flip "$harmed/256.entry" 3
refused "an entry changed by a bit" proof "$harmed/256.tlog-proof" "$vkey" "$harmed/256.entry"
for line in 2 3 10; do
	changed
	offset=$(head -n $((line - 1)) "$harmed/256.tlog-proof" | wc -c)
	flip "$harmed/256.tlog-proof" $((offset + 7))
	refused "line $line of a proof changed by a bit" proof "$harmed/256.tlog-proof" "$vkey" "$harmed/256.entry"
done
changed
sed -i 3d "$harmed/256.tlog-proof"
refused "a proof without its first hash" proof "$harmed/256.tlog-proof" "$vkey" "$harmed/256.entry"
changed
sed -i 3p "$harmed/256.tlog-proof"
refused "a proof with a hash too many" proof "$harmed/256.tlog-proof" "$vkey" "$harmed/256.entry"

for line in 1 2 3; do
	changed
	offset=$(head -n $((line - 1)) "$harmed/checkpoint" | wc -c)
	flip "$harmed/checkpoint" $((offset + 1))
	refused "line $line of a checkpoint changed by a bit" checkpoint "$harmed" "$vkey"
done
changed
sed -i 's/BkGFDL/BkGFDM/' "$harmed/checkpoint" # within the eight bytes of the time
refused "a cosignature at another time" checkpoint "$harmed" "$vkey" "$witness"
holds "the log's own signature beside it" checkpoint "$harmed" "$vkey"
changed
truncate -s -1 "$harmed/checkpoint"
refused "a checkpoint without its last newline" checkpoint "$harmed" "$vkey"

for tile in 0/000 0/273.p/112 1/000 1/001.p/17 2/000.p/1; do
	changed
	flip "$harmed/tile/$tile" 5
	refused "tile $tile changed by a bit" all "$harmed" "$vkey"
	changed
	truncate -s -32 "$harmed/tile/$tile"
	refused "tile $tile a hash short" all "$harmed" "$vkey"
	changed
	rm "$harmed/tile/$tile"
	refused "tile $tile gone" all "$harmed" "$vkey"
done
for bundle in 000 100 273.p/112; do
	changed
	flip "$harmed/tile/entries/$bundle" 4
	refused "an entry in bundle $bundle changed by a bit" all "$harmed" "$vkey"
	changed
	flip "$harmed/tile/entries/$bundle" 1
	refused "a length in bundle $bundle changed by a bit" all "$harmed" "$vkey"
	changed
	truncate -s -1 "$harmed/tile/entries/$bundle"
	refused "bundle $bundle a byte short" all "$harmed" "$vkey"
	changed
	printf 'more' >>"$harmed/tile/entries/$bundle"
	refused "bundle $bundle with bytes behind its last entry" all "$harmed" "$vkey"
done
changed
refused "an entry that is not there" entry "$harmed" "$vkey" 70000
flip "$harmed/tile/entries/001" 4
refused "one changed entry, asked for alone" entry "$harmed" "$vkey" 256
holds "its neighbour" entry "$harmed" "$vkey" 257
