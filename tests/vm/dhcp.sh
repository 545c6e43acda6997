#!/bin/sh
# DHCP for OpenWrt's netifd in the guest, by the client of busybox: the protocol's handler, and
# with a verb of the client's what that runs.
# shellcheck source=/dev/null
. /lib/netifd/netifd-proto.sh

case "$1" in
deconfig | leasefail | nak) exit 0 ;;
bound | renew)
	# The client tells in variables of these names; the interface is in the environment.
	# shellcheck disable=SC2154
	{
		proto_init_update "$interface" 1
		proto_add_ipv4_address "$ip" "$subnet"
		proto_add_ipv4_route 0.0.0.0 0 "$router"
		for server in $dns; do proto_add_dns_server "$server"; done
		proto_send_update "$NETIFD_INTERFACE"
	}
	exit 0
	;;
esac
init_proto "$@"

proto_dhcp_init_config() {
	:
}

proto_dhcp_setup() {
	proto_export "NETIFD_INTERFACE=$1"
	proto_run_command "$1" udhcpc -f -t 0 -i "$2" -s /lib/netifd/proto/dhcp.sh
}

proto_dhcp_teardown() {
	proto_kill_command "$1"
}

add_protocol dhcp
