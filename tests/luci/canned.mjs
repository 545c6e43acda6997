/* Answers for what the simulated modem does not say: measurements and conversations for pictures. They are laid over the real answers between server and page. */

export const HOSTILE = '<img/src=x/onerror=window.hacked=1>';

const WORDS = [ 'signal', 'history', 'cells', 'bands', 'modes', 'scan', 'register', 'sms', 'ussd', 'gnss', 'slots' ];
/* What the daemon is not asked at all: it would do it, and take its time. */
const SLOW = [ 'scan', 'register', 'set_bands', 'set_modes', 'sms_send', 'ussd', 'gnss', 'set_slot' ];
const STEP_S = { hour: 10, day: 300 };
const COUNT = { hour: 360, day: 288 };

const USAGE = { period_start: '2026-11-01', period_end: '2026-12-01', rx_bytes: 1834567890, tx_bytes: 93456789,
	quota_bytes: 5e9, quota_percent: 38, quota_action: 'warn' };

const SLOTS = [ { slot: 1, active: true, state: 'present', iccid: '89490200*********05' },
	{ slot: 2, active: false, state: 'present', iccid: '89490100*********17' } ];

const RESULTS = [ [ 48.2, 9, '2026-11-21T12:00:20Z', 'B3', -92 ], [ 21.4, 3.6, '2026-11-20T19:30:00Z', 'B20', -101 ] ].map(
	([ download_mbps, upload_mbps, time, band, rsrp_dbm ]) => ({ time, server: 'Frankfurt, Germany', ping_ms: 23.5, jitter_ms: 1.07,
		download_mbps, upload_mbps, rx_bytes: 61e6, tx_bytes: 12e6, rat: 'lte', band, rsrp_dbm }));

function wave(n) {
	return Math.sin(n / 19) * 5 + Math.sin(n / 3.3);
}

function sample(n, t) {
	return {
		t, rsrp_dbm: Math.round(-96 + wave(n)), rssi_dbm: Math.round(-66 + wave(n + 5)),
		rsrq_db: Math.round(-11 + wave(n) / 3), sinr_db: Math.round(11 + wave(n * 2)),
		rx_bps: Math.round(Math.max(0, wave(n)) * 4e6), tx_bps: Math.round(Math.max(0, wave(n + 9)) * 4e5)
	};
}

function status(real, operator) {
	for (const modem of real?.modems ?? []) {
		modem.capabilities = [ ...new Set([ ...modem.capabilities, ...WORDS ]) ];
		if (modem.registration?.operator && operator)
			Object.assign(modem.registration, { operator, band: 'B3' });
		Object.assign(modem, { slots: SLOTS, sms_unread: 2, temperature_c: 41, usage: USAGE,
			traffic: { rx_bytes: 1834567890, tx_bytes: 93456789, rx_bps: 12345678, tx_bps: 234567 } });
	}
	return real;
}

function history(span) {
	const [ step_s, count ] = [ STEP_S[span], COUNT[span] ];
	const samples = Array.from({ length: count }, (_, n) => sample(n, (count - 1 - n) * step_s));
	return { span, step_s, samples: samples.filter((it, n) => n < 150 || n > 165) };
}

function messages(evil) {
	const one = { parts: 1, parts_have: 1 };
	return {
		messages: [
			{ id: 1, direction: 'in', number: '+4915112345678', text: `See you at eight? ${evil}`, time: '2026-11-21T12:00:00Z', state: 'unread', ...one },
			{ id: 2, direction: 'out', number: '+4915112345678', text: 'Yes.\nBring the ladder and the long cable, the mast is higher than it looks.', time: '2026-11-21T12:05:00Z', state: 'delivered', ...one },
			{ id: 3, direction: 'in', number: evil || 'Operator', text: 'Your balance is 5.00 EUR.', time: '2026-11-20T09:00:00Z', state: 'incomplete', parts: 3, parts_have: 2 }
		],
		storage: { used: 3, total: 25 }
	};
}

const CELLS = {
	serving: { rat: 'lte', plmn: '26202', tac: 4660, cell_id: 26378755, enb_id: 103042, sector: 3, pci: 301, arfcn: 1300,
		band: 'B3', bandwidth_mhz: 20, rsrp_dbm: -92, rsrq_db: -9, sinr_db: 12.6 },
	carriers: [
		{ role: 'primary', band: 'B3', arfcn: 1300, pci: 301, bandwidth_mhz: 20, rsrp_dbm: -92 },
		{ role: 'secondary', band: 'B7', arfcn: 2850, pci: 12, bandwidth_mhz: 10, rsrp_dbm: -99 }
	],
	neighbours: [
		{ rat: 'lte', pci: 44, arfcn: 1300, band: 'B3', rsrp_dbm: -101, rsrq_db: -14 },
		{ rat: 'umts', pci: 4, arfcn: 10713, band: 'B1' }
	]
};

const BANDS = {
	modes: { supported: [ 'gsm', 'umts', 'lte' ], current: [ 'umts', 'lte' ] },
	bands: {
		lte: { supported: [ 1, 3, 5, 7, 8, 20, 28, 38, 40, 41 ], current: [ 1, 3, 7, 20 ] },
		umts: { supported: [ 1, 8 ], current: [ 1, 8 ] }
	}
};

/* The answer to a call; `evil` is put where a network or a sender chooses the text. */
function answer(method, args, real, evil) {
	switch (method) {
	case 'status': return status(real, evil || 'Simphone DE');
	case 'signal': return { rsrp_dbm: -92, rsrq_db: -9, sinr_db: 12.6, rssi_dbm: -63, quality: 63, age_s: 0,
		antennas: [ { rsrp_dbm: -92 }, { rsrp_dbm: -98 } ] };
	case 'history': return history(args.span);
	case 'cells': return CELLS;
	case 'usage': return { sims: [ { iccid: '8949020000012340005', ...USAGE,
		before: { period_start: '2026-10-01', rx_bytes: 3456789012, tx_bytes: 234567890 } } ] };
	case 'apn_lookup': return { plmn: '26202', candidates: [ { apn: 'web.sim.example', name: 'Simphone' },
		{ apn: 'internet.sim.example', name: 'Simphone' } ] };
	case 'bands': case 'set_bands': case 'set_modes': return BANDS;
	case 'scan': return { networks: [
		{ plmn: '26202', operator: evil || 'Simphone DE', rat: 'lte', state: 'current' },
		{ plmn: '26201', operator: 'Another', rat: 'lte', state: 'available' } ] };
	case 'register': return { state: 'home', plmn: '26201', operator: 'Another' };
	case 'speedtest': return { state: 'done', installed: true, may_take_mb: 73, quota_left_mb: 3071,
		results: evil ? [ { ...RESULTS[0], server: evil } ] : RESULTS };
	case 'gnss': return { on: true, nmea_port: '/dev/ttyUSB1', fix: { latitude: 50.11035, longitude: 8.68212, altitude_m: 112.4,
		satellites: 9, time: '2026-11-21T12:00:00Z' } };
	case 'sms_list': return messages(evil);
	case 'sms_send': return { id: 9, parts: 1 };
	case 'sms_read': case 'sms_delete': return {};
	case 'ussd': return { text: `1) Balance\n2) ${evil || 'More'}`, state: args.cancel ? 'done' : 'reply_expected' };
	default: return null;
	}
}

/* Lays the answers over a page's calls; they are kept in `calls` as they are made. */
export async function lay(page, evil, calls = []) {
	await page.route('**/ubus/**', async (route) => {
		const asked = route.request().postDataJSON();
		const [ , object, method, args ] = asked.params ?? [];
		if (object == 'ltewan' && SLOW.includes(method)) {
			calls.push([ method, args ]);
			await route.fulfill({ json: { jsonrpc: '2.0', id: asked.id, result: [ 0, answer(method, args ?? {}, null, evil) ] } });
			return;
		}
		const response = await route.fetch();
		const told = await response.json();
		const answers = [ told ].flat();
		[ asked ].flat().forEach((request, n) => {
			const [ , object, method, args ] = request.params ?? [];
			if (object != 'ltewan')
				return;
			calls.push([ method, args ]);
			const reply = answers.find((it) => it.id == request.id) ?? answers[n];
			const canned = answer(method, args ?? {}, reply.result?.[1], evil);
			if (canned) {
				delete reply.error;
				reply.result = [ 0, canned ];
			}
		});
		await route.fulfill({ response, json: told });
	});
	return calls;
}
