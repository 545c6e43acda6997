# What mwan3's scripts call of procd's /lib/functions/procd.sh, in the guest, where there is no procd:
# an instance is a process in the background, its number a file. None is started again.
# shellcheck shell=sh disable=SC2034,SC3023,SC3043

PROCD_RUN=/run/procd

procd_lock() {
	exec 1000>/run/procd.lock
	flock 1000
}

procd_open_service() { mkdir -p "$PROCD_RUN/$1" && procd_service=$1; }
procd_close_service() { :; }
procd_open_instance() { procd_instance=$1; }
procd_add_reload_trigger() { :; }

procd_set_param() {
	[ "$1" = command ] || return 0
	shift
	procd_command=$*
}

procd_close_instance() {
	# The lock is not the instance's.
	$procd_command 1000>&- >/dev/null 2>&1 </dev/null &
	echo $! >"$PROCD_RUN/$procd_service/$procd_instance"
}

procd_running() {
	local file
	for file in "$PROCD_RUN/$1/"${2:-*}; do
		[ -e "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null && return 0
	done
	return 1
}

procd_send_signal() {
	kill -"$3" "$(cat "$PROCD_RUN/$1/$2")"
}

procd_kill() {
	local file
	for file in "$PROCD_RUN/$1/"${2:-*}; do
		[ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null
		rm -f "$file"
	done
}
