/* Every page in a real browser, against the real daemon and a simulated modem. The stories build on
 * each other as a day with a new modem does. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HOSTILE, lay } from './canned.mjs';
import { deliver } from './tpdu.mjs';
import { close, isReal, open, visitor } from './world.mjs';

const PAGES = [ 'status', 'wizard', 'settings', 'sim', 'device', 'speed', 'network', 'antenna', 'sms', 'terminal' ];

const SENDER = '+491701234567';

let world;

before(async () => {
	world = await open();
	await world.modem('plug 0');
}, { timeout: 60000 });

after(() => close(world), { timeout: 60000 });

/* A story with a page; nothing may have gone wrong in the browser at its end. */
function story(name, body, user, options) {
	test(name, { timeout: 180000 }, async () => {
		const page = await visitor(world, user, options);
		await body(page);
		assert.deepEqual(page.faults, []);
		/* What the page still polls is nobody's any more. */
		await page.unrouteAll({ behavior: 'ignoreErrors' });
		await page.context().close();
	});
}

/* A story about what the stand-in has not. */
const realStory = isReal ? story : (name) => test(name, { skip: 'needs a real LuCI: OPENWRT_ROOT' });

const text = (page, selector) => page.locator(selector).first().innerText();

/* Waits until a part of the page says something. */
async function says(page, selector, words) {
	await page.locator(selector).filter({ hasText: words }).first().waitFor();
}

story('a modem that was plugged in is shown by name with a sentence', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-card h3', /Quectel/i);
	await says(page, '.ltewan-sentence', 'Ready for');
	await says(page, '.ltewan-facts', 'Simphone DE');
	await says(page, '.ltewan-meter', 'RSRP');
	assert.match(await text(page, '.ltewan-facts'), /8949\d+\*+\d\d/);
});

story('the wizard goes from nothing to a connection', async (page) => {
	await page.visit('modem/wizard');
	await page.getByRole('button', { name: 'Continue' }).click();
	await says(page, '.ltewan', 'The SIM is ready.');
	await page.getByRole('button', { name: 'Continue' }).click();
	await says(page, '.cbi-value-description', 'web.vodafone.de');
	await page.fill('[name=apn]', 'internet');
	assert.equal(await page.inputValue('[name=name]'), 'wwan');
	assert.equal(await page.inputValue('[name=zone]'), 'wan');
	await page.getByRole('button', { name: 'Save and connect' }).click();
	await says(page, '.alert-message', 'The router is connected.');
	await says(page, '.ltewan-facts', '10.64.0.');
});

story('a connection is taken down and up again, after a question', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	await says(page, '.ltewan-facts', 'wwan (up)');
	await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
	await page.locator('.modal').getByRole('button', { name: 'Cancel' }).click();
	await says(page, '.ltewan-state', 'Connected');
	await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
	await page.locator('.modal').getByRole('button', { name: 'Disconnect' }).click();
	await says(page, '.ltewan-state', 'Ready');
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await says(page, '.ltewan-state', 'Connected');
});

story('what happens to the modem is seen without a reload', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	await world.modem('0 coverage none');
	await says(page, '.ltewan-state', 'Searching');
	await world.modem('0 coverage home');
	await says(page, '.ltewan-state', 'Connected');
	await world.modem('unplug 0');
	await says(page, '.ltewan', 'No modem is plugged in');
	await world.modem('plug 0');
	await says(page, '.ltewan-state', 'Connected');
});

story('buttons are reached and pressed by keyboard', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	const focused = () => page.evaluate(() => document.activeElement.textContent);
	for (let n = 0; n < 40 && await focused() != 'Disconnect'; n++)
		await page.keyboard.press('Tab');
	assert.equal(await focused(), 'Disconnect');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.modal');
	assert.equal(await focused(), 'Disconnect');
	await page.keyboard.press('Shift+Tab');
	assert.equal(await focused(), 'Cancel');
	await page.keyboard.press('Enter');
	await says(page, '.ltewan-state', 'Connected');
});

story('a page polls with one call at a time, and only while it is to be seen', async (page) => {
	const calls = [];
	page.on('request', (request) => {
		if (request.url().includes('/ubus') && request.postData().includes('"ltewan"'))
			calls.push([ request.postDataJSON() ].flat().length);
	});
	await page.visit('modem/status');
	await page.evaluate(() => Object.defineProperty(document, 'hidden', { value: true, configurable: true }));
	await page.waitForTimeout(1000);
	calls.length = 0;
	await page.waitForTimeout(6000);
	assert.deepEqual(calls, []);
	await page.evaluate(() => {
		Object.defineProperty(document, 'hidden', { value: false });
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await page.waitForTimeout(500);
	assert.deepEqual(calls, [ 1 ]);
});

story('who may only look sees the state and can change nothing', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	assert.deepEqual(await page.locator('.ltewan-actions button').allInnerTexts(), [ 'Charts' ]);
	const links = await page.locator('.ltewan-links a').allInnerTexts();
	for (const word of [ 'Device', 'AT commands', 'Messages' ])
		assert.ok(!links.includes(word), word);
	assert.ok(!(await page.content()).includes('867698040000017'));
	const refused = await page.evaluate(() => fetch('/ubus/', { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1,
		method: 'call', params: [ window.L.env.sessionid ?? '', 'ltewan', 'disconnect', { interface: 'wwan' } ] }) })
		.then((it) => it.json()));
	assert.equal(refused.error?.code, -32002);
}, 'reader');

story('AT commands are sent, answered and refused', async (page) => {
	await page.visit('modem/terminal');
	const input = page.locator('[data-part=at] input');
	await input.fill('AT+CGMM');
	await input.press('Enter');
	await says(page, '[data-part=at] .ltewan-console', 'EC25');
	await says(page, '[data-part=at] .ltewan-console', 'OK');
	await input.fill('ATD*99#');
	await input.press('Enter');
	await says(page, '[data-part=at] .ltewan-console', 'argument \'command\'');
	await input.press('ArrowUp');
	assert.equal(await input.inputValue(), 'ATD*99#');
});

story('the device page has the full identity and a report without it', async (page) => {
	await page.visit('modem/device');
	await says(page, '.ltewan-facts', 'usb:1-1');
	const [ , imei ] = /IMEI\s+(\d{15})/.exec(await page.locator('.ltewan').innerText());
	const download = page.waitForEvent('download');
	if (isReal)
		await page.route('**/ubus/**', (route) => route.continue());
	await page.getByRole('button', { name: 'Download the report' }).click();
	const stream = await (await download).createReadStream();
	let report = '';
	for await (const chunk of stream)
		report += chunk;
	assert.equal(JSON.parse(report).modems[0].modem, 'usb:1-1');
	assert.ok(!report.includes(imei));
});

story('the modem is restarted after a question, and comes back', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	await world.modem('0 time boot 6000');
	await page.getByRole('button', { name: 'Restart modem' }).click();
	await page.locator('.modal').getByRole('button', { name: 'Restart' }).click();
	await page.locator('.ltewan-state', { hasText: 'Connected' }).waitFor({ state: 'detached' });
	await world.modem('0 time boot 0').catch(() => null);
	await says(page, '.ltewan-state', 'Connected');
});

story('a PIN is switched on, changed and off again', async (page) => {
	await page.visit('modem/sim');
	const line = (action) => page.locator(`[data-action=${action}]`);
	await line('enable').locator('[name=pin]').fill('9999');
	await line('enable').getByRole('button').click();
	await says(page, '.alert-message', '2 attempts are left.');
	await line('enable').locator('[name=pin]').fill('1234');
	await line('enable').getByRole('button').click();
	await says(page, '.alert-message', 'No PIN is configured');
	await line('change').locator('[name=pin]').fill('1234');
	await line('change').locator('[name=new_pin]').fill('4321');
	await line('change').getByRole('button').click();
	await line('change').waitFor();
	await says(page, '.alert-message', 'Done.');
	await line('disable').locator('[name=pin]').fill('4321');
	await line('disable').getByRole('button').click();
	await line('enable').waitFor();
	assert.equal(await page.locator('input[type=text][name=pin]').count(), 0);
});

story('the wizard asks for a PIN, tells of a wrong one, and keeps the right one with its SIM', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0 sim=pin');
	await page.visit('modem/wizard');
	await says(page, '.ltewan', 'Locked for');
	await page.getByRole('button', { name: 'Continue' }).click();
	await says(page, '.ltewan', '3 attempts are left.');
	await page.fill('[name=pin]', '1111');
	await page.getByRole('button', { name: 'Unlock' }).click();
	await says(page, '.ltewan', '2 attempts are left.');
	await page.fill('[name=pin]', '1234');
	await page.getByRole('button', { name: 'Unlock' }).click();
	await page.waitForSelector('[name=apn]');
	await page.getByRole('button', { name: 'Save and connect' }).click();
	await says(page, '.alert-message', 'The router is connected.');
	const kept = Object.values(await world.uci('ltewan')).find((it) => it['.type'] == 'sim');
	assert.equal(kept.pincode, '1234');
	assert.equal((await world.uci('network')).wwan.pincode, undefined);
	const zones = Object.values(await world.uci('firewall')).filter((it) => it['.type'] == 'zone' && it.name == 'wan');
	assert.deepEqual(zones[0].network, [ 'wan', 'wwan' ]);
});

story('a modem gets settings of its own, and the daemon uses them', async (page) => {
	await page.visit('modem/settings', '.cbi-section-create-name');
	await page.locator('.cbi-section-create-name').first().pressSequentially('roof');
	await page.locator('.cbi-section-create .cbi-button-add').first().click();
	await world.enter(page, 'ltewan.roof.match', 'usb:1-1');
	await world.enter(page, 'ltewan.roof.band', [ 'lte:3', 'lte:20' ]);
	await world.tab(page, 'slots');
	await world.enter(page, 'ltewan.roof.switch_on', [ 'no_sim', 'data' ]);
	await world.tab(page, 'recovery');
	await world.enter(page, 'ltewan.roof.recover', [ 'redial', 'radio' ]);
	await world.enter(page, 'ltewan.roof.restart_time', '25:00');
	await world.save(page);
	// LuCI shows what is wrong in a box, and leaves the error of its own promise to the console.
	if (isReal)
		await page.locator('.modal', { hasText: 'Expected a time of day' }).getByRole('button').click();
	await page.waitForTimeout(300);
	assert.match(page.faults.splice(0).join(), /^[^\n]*Expected a time of day[^\n]*$/);
	if (!isReal)
		await page.locator('.cbi-button-apply').evaluate((button) => button.disabled = false);
	await world.enter(page, 'ltewan.roof.restart_time', '03:00');
	await world.save(page);
	await says(page, isReal ? '#modal_overlay' : '#notes', isReal ? 'changes applied' : 'Saved');
	const { match, band, switch_on, recover, restart_time } = (await world.uci('ltewan')).roof;
	assert.deepEqual({ match, band, switch_on, recover, restart_time },
		{ match: 'usb:1-1', band: [ 'lte:3', 'lte:20' ], switch_on: [ 'no_sim', 'data' ], recover: [ 'redial', 'radio' ], restart_time: '03:00' });
	await page.visit('modem/status');
	await says(page, '.ltewan-card h3', '(roof)');
	await page.visit('modem/network');
	await page.locator('#bands input[value="lte:20"]:checked').waitFor();
	assert.ok(!await page.locator('#bands input[value="lte:7"]').isChecked());
});

/* What stands for librespeed-cli, and tells of a server with this name. */
const speedtest = (name, wait) => `#!/bin/sh\nsleep ${wait}\n` +
	`echo '2026-11-21T12:00:20Z,"${name}",http://oslo.example/,23.5,1.07,48.2,9,,192.0.2.7'\n`;

story('a speed test is made and kept, and the package is named while it is missing', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	await page.locator('.ltewan-links a', { hasText: 'Speed test' }).click();
	await says(page, '.alert-message', 'librespeed-cli');
	const start = page.getByRole('button', { name: 'Start the test' });
	assert.ok(await start.isDisabled());
	await world.install('usr/bin/librespeed-cli', speedtest(HOSTILE, 3));
	await says(page, '[data-part=test]', 'which the SIM pays for');
	await start.click();
	await says(page, '.ltewan-steps .now', 'Looking for a server');
	await says(page, '[data-part=test]', '48.2 Mbit/s');
	await says(page, '[data-part=results] .table', HOSTILE);
	assert.equal(await page.evaluate(() => window.hacked), undefined);
	await world.install('usr/bin/librespeed-cli', speedtest('', 600));
	await start.click();
	await page.getByRole('button', { name: 'Stop' }).click();
	await says(page, '.alert-message', 'The test was stopped.');
	await page.visit('modem/speed');
	await says(page, '[data-part=results] .table', '48.2 Mbit/s');
});

story('what a SIM has carried is counted against its quota, and its settings say where they come from', async (page) => {
	await page.visit('modem/settings', '.cbi-section-create-name');
	const [ name ] = Object.entries(await world.uci('ltewan')).find(([ , it ]) => it['.type'] == 'sim');
	await world.enter(page, `ltewan.${name}.quota_mb`, '2');
	await world.save(page);
	await says(page, isReal ? '#modal_overlay' : '#notes', isReal ? 'changes applied' : 'Saved');
	await world.carry(1);
	await page.visit('modem/status');
	await says(page, '.ltewan-facts', /\s\d % of 2.0 MB/);
	await world.carry(600);
	await says(page, '.ltewan-facts', /8[3-6] % of 2.0 MB/);
	await page.visit('modem/sim');
	await says(page, '[data-part=usage] .table', /8[3-6] % of 2.0 MB/);
	assert.match(await page.locator('[data-part=usage] .fill').getAttribute('style'), /^width: ?8[3-6]%/);
	await says(page, '[data-part=settings] .table', 'internet');
	await says(page, '[data-part=settings] .table', 'the interface');
	await page.getByRole('button', { name: 'Count anew' }).click();
	await page.locator('.modal').getByRole('button', { name: 'Count anew' }).click();
	await says(page, '[data-part=usage] .table', /\s\d % of 2.0 MB/);
});

story('the other SIM is used after a question', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0 slot2=ready');
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
	await page.locator('.ltewan-links a', { hasText: 'SIM slots' }).click();
	const row = (number) => page.locator('[data-part=slots] tr', { hasText: new RegExp(`^\\s*${number}`) });
	await row(1).getByText('in use').waitFor();
	assert.equal(await row(1).getByRole('button').count(), 0);
	await row(2).getByRole('button', { name: 'Use' }).click();
	await page.locator('.modal').getByRole('button', { name: 'Cancel' }).click();
	await row(2).getByRole('button', { name: 'Use' }).click();
	await page.locator('.modal').getByRole('button', { name: 'Use' }).click();
	await row(2).getByText('in use').waitFor();
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
});

story('the receiver is switched on, tells where it is, and is switched off', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0');
	await page.visit('modem/status');
	await page.locator('.ltewan-links a', { hasText: 'Position' }).click();
	await says(page, '#gnss', 'The receiver is off.');
	await page.getByRole('button', { name: 'Switch on' }).click();
	await says(page, '#gnss', 'does not know yet where it is');
	await world.modem('0 fix on');
	await says(page, '#gnss .ltewan-facts', /22\.984\d+° S/);
	await says(page, '#gnss .ltewan-facts', /43\.359\d+° W/);
	await page.getByRole('button', { name: 'Switch off' }).click();
	await says(page, '#gnss', 'The receiver is off.');
});

story('the form of an interface lists the modems by name', async (page) => {
	if (isReal) {
		await page.visit('network/network', '.cbi-button-edit');
		await page.locator('[data-name="wwan"] .cbi-button-edit, [data-sid="wwan"] .cbi-button-edit').first().click();
		await page.locator('[id="cbid.network.wwan._modem"] li', { hasText: 'usb:1-1, Connected' }).waitFor({ state: 'attached' });
		await page.locator('[id="cbid.network.wwan.apn"] li', { hasText: 'web.vodafone.de' }).waitFor({ state: 'attached' });
		return;
	}
	await page.visit('network/form', 'body[data-shown]');
	const choices = async (name) => (await page.locator(`#${await page.locator(`[name=${name}]`).getAttribute('list')} option`)
		.allInnerTexts()).join('\n');
	assert.match(await choices('_modem'), /Quectel.*usb:1-1, Connected/i);
	assert.match(await choices('apn'), /web\.vodafone\.de – /);
	const errors = await page.evaluate(() => window.test.network.errors);
	assert.match(errors.PUK_NEEDED, /PUK/);
});

realStory('what keeps an interface down is a sentence on LuCI\'s own page', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0 sim=puk');
	await page.visit('network/network', '.cbi-button-edit');
	await says(page, '.cbi-section-table', 'The SIM is blocked and wants its PUK.');
});

realStory('a browser that asks for German is shown German', async (page) => {
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Gesperrt');
	assert.match(await page.locator('#topmenu').textContent(), /Einrichten/);
}, 'root', { locale: 'de-DE' });

story('pages about what no modem can do say so', async (page) => {
	await page.route('**/ubus/**', async (route) => {
		const response = await route.fetch();
		const told = await response.json();
		[ told ].flat().forEach((reply) => reply.result?.[1]?.modems?.forEach((modem) => modem.capabilities = []));
		await route.fulfill({ response, json: told });
	});
	for (const name of [ 'network', 'antenna', 'sms', 'terminal', 'sim', 'device' ]) {
		await page.visit(`modem/${name}`);
		await says(page, '.ltewan', 'No modem that is plugged in can do this');
	}
	await page.visit('modem/status');
	assert.deepEqual(await page.locator('.ltewan-links a').allInnerTexts(), []);
});

/* Sends a USSD code, or an answer. */
async function dial(page, text) {
	await page.locator('[data-part=ussd] input').fill(text);
	await page.locator('[data-part=ussd] input').press('Enter');
}

story('hostile text is text on every page', async (page) => {
	await world.modem('unplug 0');
	await world.modem(`plug 0 messages=on ussd=on name=${HOSTILE}`);
	const clean = async (place) => {
		assert.equal(await page.evaluate(() => window.hacked), undefined, place);
		assert.equal(await page.locator('img[src="x"], img[src="x/"], .ltewan b').count(), 0, place);
	};
	await page.visit('modem/status');
	await says(page, '.ltewan-facts', HOSTILE);
	await says(page, '.ltewan-links', 'Messages');
	await world.modem(`0 sms ${deliver(SENDER, `See you at eight? ${HOSTILE}`)}`);
	await world.modem(`0 sms ${deliver('<b>Bank</b>', 'Your balance')}`);
	await says(page, '.ltewan-links', 'Messages (2)');
	for (const name of PAGES) {
		await page.visit(`modem/${name}`, name == 'settings' ? '.cbi-section-create-name' : undefined);
		await page.waitForTimeout(300);
		await clean(name);
	}
	await page.visit('modem/wizard');
	await page.getByRole('button', { name: 'Continue' }).click();
	await page.getByRole('button', { name: 'Continue' }).click();
	await says(page, '.ltewan', HOSTILE);
	await clean('wizard');
	await page.visit('modem/sms');
	await page.locator('button', { hasText: SENDER }).click();
	await says(page, '.ltewan-bubble', HOSTILE);
	await page.locator('button', { hasText: 'Your balance' }).click();
	await says(page, 'h3', '<b>Bank</b>');
	await clean('sms');
	await page.visit('modem/network');
	await page.getByRole('button', { name: 'Search' }).click();
	await says(page, '#scan .table', HOSTILE);
	await clean('network');
	await page.visit('status/overview');
	await says(page, '.ifacebox', HOSTILE);
	await clean('overview');
	await page.visit('modem/terminal');
	await dial(page, '*101#');
	await says(page, '[data-part=ussd] [role=status]', 'waits for your answer');
	await dial(page, HOSTILE);
	await says(page, '[data-part=ussd] .ltewan-console', `What is ${HOSTILE}?`);
	await clean('terminal');
	await page.locator('[data-part=ussd]').getByRole('button', { name: 'End', exact: true }).click();
});

story('the cell in use and the history of the signal are the daemon\'s own', async (page) => {
	await page.visit('modem/status');
	await page.getByRole('button', { name: 'Charts' }).click();
	await page.waitForSelector('.ltewan-chart polyline', { state: 'attached' });
	await page.locator('.ltewan-links a', { hasText: 'Aim the antenna' }).click();
	await says(page, '.ltewan-antenna .big', '-92');
	await page.visit('modem/status');
	await page.locator('.ltewan-links a', { hasText: 'Cells' }).click();
	await says(page, '#cells', 'Serving cell');
	await says(page, '#cells .ltewan-facts', 'Technology');
});

story('messages come, are read, answered and deleted', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0 messages=on');
	await page.visit('modem/status');
	await says(page, '.ltewan-links', 'Messages');
	await world.modem(`0 sms ${deliver(SENDER, 'Meet <b>me</b> at 8')}`);
	await says(page, '.ltewan-links', 'Messages (');
	await page.locator('.ltewan-links a', { hasText: 'Messages' }).click();
	await page.locator('button', { hasText: SENDER }).click();
	await says(page, '.ltewan-bubble', 'Meet <b>me</b> at 8');
	await page.fill('textarea', 'Hello\nworld');
	await page.getByRole('button', { name: 'Send' }).click();
	await says(page, '.ltewan-bubble.out', /Hello\s*world/);
	await says(page, '.ltewan-bubble.out', 'sent');
	await page.getByRole('button', { name: 'Delete the conversation' }).click();
	await page.locator('.modal').getByRole('button', { name: 'Delete' }).click();
	await page.locator('button', { hasText: SENDER }).waitFor({ state: 'detached' });
	await page.visit('modem/status');
	assert.ok(!(await page.locator('.ltewan-links').innerText()).includes('Messages ('));
});

story('a code is sent, its menu answered, and what the network does not know is told', async (page) => {
	await world.modem('unplug 0');
	await world.modem('plug 0 messages=on ussd=on');
	await page.visit('modem/status');
	await page.locator('.ltewan-links a', { hasText: 'USSD' }).click();
	const console = '[data-part=ussd] .ltewan-console';
	await page.waitForSelector(console);
	await dial(page, '*101#');
	await says(page, console, /1\) Data\s*2\) Minutes/);
	await dial(page, '1');
	await says(page, console, '5 GB left');
	await dial(page, '*999#');
	await says(page, console, 'session failed');
	await dial(page, '*100#');
	await says(page, console, 'Balance: 12.34 EUR');
});

story('bands are set after a question, and what the modem does not keep is told', async (page) => {
	await page.visit('modem/network');
	await says(page, '#cells', 'Serving cell');
	const box = (value) => page.locator(`#bands input[value="${value}"]`);
	const set = async () => {
		await page.locator('#bands button').last().click();
		await page.locator('.modal').getByRole('button', { name: 'Set' }).click();
		await page.waitForSelector('.modal', { state: 'hidden' });
	};
	await box('lte:1').check();
	await box('lte:3').check();
	await box('lte:20').uncheck();
	await set();
	await page.visit('modem/network');
	await box('lte:1').waitFor();
	assert.ok(await box('lte:1').isChecked() && await box('lte:3').isChecked() && !await box('lte:20').isChecked());
	await world.modem('0 stubborn on');
	await box('lte:20').check();
	await set();
	await says(page, '.alert-message', 'did not keep');
	await page.locator('#bands input[value="lte:20"]:not(:checked)').waitFor();
	await world.modem('0 stubborn off');
});

story('networks are searched for, and one is chosen after a question', async (page) => {
	await page.visit('modem/network');
	await page.getByRole('button', { name: 'Search' }).click();
	const row = (name) => page.locator('#scan tr', { hasText: name });
	await row('Simphone DE').getByText('in use').waitFor();
	await row('Other DE').getByText('available').waitFor();
	const use = async (button) => {
		await button.click();
		await page.locator('.modal').getByRole('button', { name: 'Register' }).click();
		await page.waitForSelector('.modal', { state: 'hidden' });
	};
	await use(row('Barred').getByRole('button', { name: 'Use' }));
	await says(page, '.alert-message', 'refuse');
	await use(row('Simphone DE').getByRole('button', { name: 'Use' }));
	await page.locator('#scan tr').first().waitFor({ state: 'detached' });
	await use(page.getByRole('button', { name: 'Let the modem choose' }));
	await page.visit('modem/status');
	await says(page, '.ltewan-state', 'Connected');
});

story('charts show an hour and a day', async (page) => {
	await lay(page, '');
	await page.visit('modem/status');
	await page.getByRole('button', { name: 'Charts' }).click();
	await page.waitForSelector('.ltewan-chart polyline');
	assert.equal(await page.locator('.ltewan-chart').count(), 3);
	// A gap in the samples is a gap in each line.
	assert.equal(await page.locator('.ltewan-chart').first().locator('polyline').count(), 4);
	await page.selectOption('.ltewan select', 'day');
	await says(page, '.ltewan-chart', 'h ago');
});

story('the antenna page shows big numbers and keeps the best', async (page) => {
	const calls = await lay(page, '');
	await page.visit('modem/antenna');
	await says(page, '.ltewan-antenna .big', '-92');
	await says(page, '.ltewan-antenna .peak', 'best -92');
	await says(page, '.ltewan-antenna', 'Antenna 2: -98');
	assert.equal(calls.find(([ method ]) => method == 'signal')[1].interval_s, 1);
});

for (const scheme of [ 'light', 'dark' ])
	story(`every page fits a telephone, ${scheme}`, async (page) => {
		await lay(page, '');
		for (const name of PAGES) {
			await page.visit(`modem/${name}`);
			await page.waitForTimeout(300);
			const surplus = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			assert.ok(surplus <= 0, `${name} is ${surplus} pixels too wide`);
		}
	}, 'root', { viewport: { width: 360, height: 740 }, colorScheme: scheme });

