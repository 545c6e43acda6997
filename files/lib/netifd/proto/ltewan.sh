#!/bin/sh
# netifd's protocol handler for `proto ltewan`: hands the interface to the ltewan daemon and ends.
# From then on the daemon speaks notify_proto for the interface. docs/netifd.md has the whole contract.
# Must not: decide anything, or start a process it can do without.

# Sets $quoted to $1, fit for use between the quotes of a JSON string.
quote() {
	rest=$1 quoted=
	while :; do
		case "$rest" in
		*[\\\"]*)
			plain=${rest%%[\\\"]*}
			rest=${rest#"$plain"}
			quoted="$quoted$plain\\${rest%"${rest#?}"}"
			rest=${rest#?}
			;;
		*)
			quoted="$quoted$rest"
			return
			;;
		esac
	done
}

# Setup and teardown come first: the framework below costs several processes and neither needs it.
case "$2" in
setup | renew)
	quote "$3"
	renew=
	[ "$2" = setup ] || renew=',"renew":true'
	# A failed call prints its arguments, and netifd would log the PIN and the password in them.
	ubus -t 30 call ltewan setup "{\"interface\":\"$quoted\",\"config\":$4$renew}" \
		>/dev/null 2>&1 &&
		exit 0
	# The interface stays pending, which netifd does not retry; the daemon asks for a renew of
	# every pending interface when it starts.
	exec ubus call network.interface notify_proto \
		"{\"interface\":\"$quoted\",\"action\":3,\"error\":[\"NO_DAEMON\"]}"
	;;
teardown)
	quote "$3"
	# Set when it is because pppd has ended, to pppd's exit status.
	ended=
	case "$ERROR" in
	'' | *[!0-9]*) ;;
	*) ended=",\"ended\":$ERROR" ;;
	esac
	# netifd kills a teardown after 5 s.
	exec ubus -t 4 call ltewan teardown "{\"interface\":\"$quoted\"$ended}" >/dev/null 2>&1
	;;
esac

# shellcheck source=/dev/null
. ../netifd-proto.sh
init_proto "$@"

# The framework calls and reads all of these by name.
# shellcheck disable=SC2034,SC2317
proto_ltewan_init_config() {
	available=1
	no_device=1
	no_proto_task=1
	lasterror=1
	renew_handler=1

	# Strings keep the leading zeros of a PIN and of a PLMN.
	proto_config_add_string device apn v6apn pincode auth username password pdptype plmn
	proto_config_add_string check ip4table ip6table
	# An array takes both `list modes 'lte'` and `option modes 'lte umts'`.
	proto_config_add_array modes check_host
	proto_config_add_int profile mtu check_interval check_failures
	proto_config_add_boolean allow_roaming delegate sourcefilter extendprefix iface_464xlat
	proto_config_add_defaults
}

add_protocol ltewan
