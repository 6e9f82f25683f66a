#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Run the unit tests as one KTAP stream: run.sh BUILD-DIRECTORY KTAP-FILE TEST...
# Besides the tests' own results: each ends, the coverage suffices, the core is pure.
set -u
LC_ALL=C
export LC_ALL

out=$1 ktap=$2
shift 2
body=$out/body.ktap
minimum=90

# A sub-directory of the core's objects holds the counters of this run alone.
rm -f "$out"/core/*.gcda
: >"$body"

result() { # CONDITION NAME
	if [ "$1" = 0 ]; then
		echo "ok - $2" >>"$body"
	else
		echo "not ok - $2" >>"$body"
	fi
}

run_test() { # NAME
	log=$out/$1.log
	"$out/$1" >"$log" 2>&1
	code=$?
	sed -E -e '/^1\.\.[0-9]+$/d' -e "s/^((not )?ok) [0-9]+ /\1 - ${1#test_}: /" \
		-e '/^((not )?ok|#) /!s/^/# /' "$log" >>"$body"
	results=$(grep -cE '^(not )?ok ' "$log")
	grep -qx "1\.\.$results" "$log" && [ "$results" -gt 0 ] && [ $code -le 1 ]
	result $? "${1#test_}: ran to its end"
}

coverage() {
	(cd "$out" && gcov -n core/*.gcda) | awk -F"[:% ']+" -v minimum=$minimum '
		/^File/ { is_core = /kmod\/core\/[a-z]+\.c/ }
		/^Lines executed/ && is_core { lines += $5; hit += $3 * $5 / 100; is_core = 0 }
		END {
			share = lines ? 100 * hit / lines : 0
			printf "# core line coverage: %.1f %% (%d of %d lines)\n",
				share, hit + 0.5, lines
			exit share < minimum
		}' >>"$body"
	result $? "the tests reach $minimum % of the lines of kmod/core"
}

purity() {
	foreign=$(nm -u "$out/plain/core.o" | awk '{ print $2 }' |
		grep -vxE 'mem(cmp|cpy|set|chr|move)|crc32' | tr '\n' ' ')
	[ -z "$foreign" ] || echo "# the core needs $foreign" >>"$body"
	[ -s "$out/plain/core.o" ] && [ -z "$foreign" ]
	result $? "the core needs nothing but mem* and crc32"
}

for name; do
	run_test "$name"
done
coverage
purity

mkdir -p "$(dirname "$ktap")"
awk -v total="$(grep -cE '^(not )?ok ' "$body")" '
	BEGIN { print "KTAP version 1"; print "1.." total }
	/^(not )?ok / { sub(/ok -/, "ok " ++number) }
	{ print }' "$body" >"$ktap"

[ "$ktap" = /dev/stdout ] || grep -E '^(# core line coverage|not ok)' "$body"
failed=$(grep -c '^not ok' "$body")
echo "unit: $(grep -cE '^(not )?ok ' "$body") tests, $failed failed" >&2
[ "$failed" = 0 ]
