// Stands in for procd in a real root: what LuCI wants to know of the board, and what is reloaded
// when rpcd tells that the configuration has changed.
import * as ubus from "ubus";
import * as uloop from "uloop";

uloop.init();
let bus = ubus.connect();

const BOARD = {
	kernel: "", hostname: "OpenWrt", system: "test", model: "test", board_name: "test",
	release: { distribution: "OpenWrt", version: "test", revision: "", target: "", description: "OpenWrt" }
};
const INFO = {
	uptime: 100, load: [ 0, 0, 0 ], swap: { total: 0, free: 0 },
	memory: { total: 1000000, free: 500000, shared: 0, buffered: 0, available: 500000, cached: 0 }
};
const RELOADED = [ "network", "ltewan" ];

bus.publish("system", {
	board: { call: (request) => request.reply(BOARD) },
	info: { call: (request) => request.reply({ localtime: time(), ...INFO }) }
});

bus.publish("service", {
	list: { call: (request) => request.reply({}) },
	event: {
		args: { type: "", data: {} },
		call: function(request) {
			let name = request.args.data?.package;
			if (request.args.type == "config.change" && name in RELOADED)
				bus.defer(name, "reload", {}, () => null);
			request.reply({});
		}
	}
});

uloop.run();
