# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completes growctl's command line in bash.

_growctl_disks()
{
	local device
	for device in /sys/block/*/device; do
		device=${device%/device}
		echo "${device##*/}"
	done
}

# Of a command, or before any.
_growctl_words()
{
	case $1 in
	"") echo status watch wait plan grow doctor history metrics tables rollback policy check-config daemon help --help --version ;;
	status) echo --json --output --bytes --noheadings --list; _growctl_disks ;;
	watch) echo --json ;;
	wait) echo --at-least --timeout; _growctl_disks ;;
	plan) echo --json --verbose --recover --auto --size --keep-free; _growctl_disks ;;
	grow) echo --dry-run --json --verbose --recover --auto --all --size --keep-free; _growctl_disks ;;
	doctor | history) echo --json; _growctl_disks ;;
	tables) echo --json; _growctl_disks ;;
	rollback) echo --to --dry-run; _growctl_disks ;;
	policy) echo --json set hold wait; _growctl_disks ;;
	"policy set") _growctl_disks ;;
	"policy set DISK") echo mode=auto mode=ask mode=off max= keep-free= min-step= align= ;;
	esac
}

_growctl()
{
	local current=${COMP_WORDS[COMP_CWORD]} command='' word
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-o | --output) word='name size type state layout mountpoint why reach reason reason_text
		note driver mode lba_size number start free_tail backup_errno fstype' ;;
	--to | --at-least | --timeout | --size | --keep-free) return ;;
	*)
		for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
			[[ $word == -* ]] || { command=$word && break; }
		done
		# What is set has a word of its own in front, and its disk behind that.
		if [[ $command == policy && ${COMP_WORDS[2]} == set && $COMP_CWORD -gt 2 ]]; then
			command='policy set'
			((COMP_CWORD == 3)) || command+=' DISK'
		fi
		word=$(_growctl_words "$command")
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
	if [[ $command == check-config && $current != -* ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
	fi
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	# An image, a mountpoint, or a device's node. No name of a file goes where the
	# shell would expand it.
	if [[ $current == */* || ($command == plan && $current != -*) ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
	fi
}

complete -F _growctl growctl
