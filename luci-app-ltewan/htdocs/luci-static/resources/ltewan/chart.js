'use strict';
'require baseclass';
'require dom';
'require ltewan as lte';

/* Charts of signal and traffic, drawn as SVG from the daemon's history. */

/* In pixels; the width is what the page has for it, between these. */
const SIZE = { height: 150, left: 64, right: 8, top: 8, bottom: 20 };
const WIDTHS = [ 280, 900 ];
const POLL_S = { hour: 10, day: 300 };
const SPAN_S = { hour: 3600, day: 86400 };

const SIGNAL = [
	{ key: 'rsrp_dbm', name: 'RSRP', unit: 'dBm', colour: '#1f78b4' },
	{ key: 'rssi_dbm', name: 'RSSI', unit: 'dBm', colour: '#8c6bb1' }
];
const QUALITY = [
	{ key: 'rsrq_db', name: 'RSRQ', unit: 'dB', colour: '#e07b00' },
	{ key: 'sinr_db', name: 'SINR', unit: 'dB', colour: '#2e8b34' }
];
const TRAFFIC = [
	{ key: 'rx_bps', name: _('received'), colour: '#1f78b4' },
	{ key: 'tx_bps', name: _('sent'), colour: '#c62828' }
];

function svg(tag, attributes, children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
	for (const [ name, value ] of Object.entries(attributes))
		node.setAttribute(name, value);
	node.append(...children ?? []);
	return node;
}

/* Ends of the axis that hold all values, on round numbers. */
function bounds(values, fromZero) {
	let low = fromZero ? 0 : Math.min(...values);
	let high = Math.max(...values);
	if (fromZero)
		return [ 0, Math.max(high * 1.1, 1000) ];
	const step = 5;
	low = Math.floor(low / step) * step;
	high = Math.ceil(high / step) * step;
	return low == high ? [ low - step, high + step ] : [ low, high ];
}

/* Runs of neighbouring samples; a gap in the samples is a gap in the line. */
function runs(samples, key, step_s) {
	const list = [];
	let last = null;
	for (const sample of samples) {
		if (sample[key] == null)
			continue;
		if (last == null || last.t - sample.t > step_s * 2.5)
			list.push([]);
		list[list.length - 1].push(sample);
		last = sample;
	}
	return list;
}

function plot(width, history, series, label, format, fromZero) {
	const there = series.filter((it) => history.samples.some((sample) => sample[it.key] != null));
	if (!there.length)
		return E([]);
	const values = there.flatMap((it) => history.samples.map((sample) => sample[it.key]))
		.filter((value) => value != null);
	const [ low, high ] = bounds(values, fromZero);
	const span = SPAN_S[history.span];
	const { height, left, right, top, bottom } = SIZE;
	const x = (t) => left + (1 - Math.min(t, span) / span) * (width - left - right);
	const y = (value) => top + (high - value) / (high - low) * (height - top - bottom);
	const parts = [];
	for (const value of [ low, (low + high) / 2, high ]) {
		parts.push(svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(value), y2: y(value) }));
		parts.push(svg('text', { x: left - 4, y: y(value) + 4, 'text-anchor': 'end' }, [ format(value) ]));
	}
	const unit = history.span == 'day' ? 3600 : 60;
	for (const part of width < 480 ? [ 1, 1 / 2 ] : [ 1, 2 / 3, 1 / 3 ]) {
		const text = history.span == 'day' ? _('%d h ago') : _('%d min ago');
		parts.push(svg('text', { x: x(span * part), y: height - 5 },
			[ text.format(Math.round(span * part / unit)) ]));
	}
	parts.push(svg('text', { x: width - right, y: height - 5, 'text-anchor': 'end' }, [ _('now') ]));
	for (const it of there)
		for (const run of runs(history.samples, it.key, history.step_s)) {
			const points = run.map((sample) => `${x(sample.t).toFixed(1)},${y(sample[it.key]).toFixed(1)}`);
			if (points.length == 1)
				points.push(`${(x(run[0].t) + 2).toFixed(1)},${y(run[0][it.key]).toFixed(1)}`);
			parts.push(svg('polyline', { points: points.join(' '), stroke: it.colour }));
		}
	return E('div', {}, [
		svg('svg', { class: 'ltewan-chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
			parts),
		E('div', { class: 'ltewan-legend' }, there.map((it) => {
			const last = history.samples.findLast((sample) => sample[it.key] != null)[it.key];
			return E('span', {}, [ E('i', { style: `border-color:${it.colour}` }, []),
				`${it.name} ${format(last)}${it.unit ? ` ${it.unit}` : ''}` ]);
		}))
	]);
}

return baseclass.extend({
	/* Shows the charts of a modem in `node`, and goes on showing them. */
	open(node, modem) {
		const plots = E('div', {}, []);
		const chosen = { span: 'hour', at: 0 };
		const update = () => lte.call.history({ modem, span: chosen.span }).then((history) => {
			chosen.at = Date.now();
			const number = (value) => String(Math.round(value));
			const width = Math.max(WIDTHS[0], Math.min(WIDTHS[1], node.clientWidth));
			dom.content(plots, history.samples?.length ? [
				plot(width, history, SIGNAL, _('Signal strength'), number),
				plot(width, history, QUALITY, _('Signal quality'), number),
				plot(width, history, TRAFFIC, _('Traffic'), (value) => lte.rate(value), true)
			] : [ E('p', {}, [ _('Nothing has been measured yet.') ]) ]);
		});
		const select = E('select', {
			'aria-label': _('Time span'),
			change: (ev) => {
				chosen.span = ev.target.value;
				update().catch((error) => lte.notify(error));
			}
		}, [
			E('option', { value: 'hour' }, [ _('the last hour') ]),
			E('option', { value: 'day' }, [ _('the last day') ])
		]);
		dom.content(node, [ select, plots ]);
		lte.poll(() => {
			const isDue = Date.now() - chosen.at >= (POLL_S[chosen.span] - 1) * 1000;
			return isDue && !node.hidden && node.isConnected ? update().catch(() => null) : Promise.resolve();
		}, POLL_S.hour);
		return update();
	}
});
