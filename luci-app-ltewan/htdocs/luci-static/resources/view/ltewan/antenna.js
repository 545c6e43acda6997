'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* Big numbers for whoever turns the antenna. Polls `signal` every second. */

const INTERVAL_S = 1;

/* What to aim by, in this order; the first that the modem tells. */
const MEASURES = [ 'rsrp_dbm', 'rssi_dbm' ];

/* The tone at both ends of a measure's range, in hertz. */
const TONE = [ 200, 1200 ];

return view.extend({
	load() {
		return lte.call.status();
	},

	render(status) {
		const modems = lte.capable(status, 'signal');
		const head = [ lte.style(), E('h2', {}, [ _('Aim the antenna') ]) ];
		if (!modems.length)
			return E('div', { class: 'ltewan' }, [ ...head, lte.nothing() ]);
		this.modem = modems[0].modem;
		this.peaks = {};
		this.now = E('div', { role: 'status' }, []);
		const frame = E('div', { class: 'ltewan-antenna' }, [
			this.now,
			E('div', { class: 'ltewan-actions', style: 'justify-content:center' }, [
				lte.button(_('Forget the best'), 'neutral', () => this.peaks = {}),
				lte.button(_('Tone'), 'neutral', (ev) => this.toggleTone(ev.target), { 'aria-pressed': 'false' }),
				lte.button(_('Full screen'), 'action', () => document.fullscreenElement
					? document.exitFullscreen() : frame.requestFullscreen())
			])
		]);
		lte.poll(() => lte.call.signal({ modem: this.modem, interval_s: INTERVAL_S })
			.then((it) => this.update(it.signal ?? it)).catch((error) => this.lost(error)), INTERVAL_S);
		return E('div', { class: 'ltewan' }, [
			...head, lte.picker(modems, (modem) => {
				this.modem = modem;
				this.peaks = {};
			}), frame
		]);
	},

	lost(error) {
		dom.content(this.now, [ E('p', { class: 'row' }, [ error.message ]) ]);
		this.tone?.volume.gain.setValueAtTime(0, this.tone.context.currentTime);
	},

	/* Keeps the best there was, of the modem or of one antenna. */
	peak(key, value) {
		this.peaks[key] = Math.max(this.peaks[key] ?? value, value);
		return this.peaks[key];
	},

	update(signal) {
		const measure = MEASURES.find((name) => signal[name] != null);
		if (!measure)
			return this.lost(new Error(_('The modem measures nothing just now.')));
		const { name, unit, range } = lte.SCALES[measure];
		const value = signal[measure];
		const others = [ 'rsrq_db', 'sinr_db' ].filter((it) => signal[it] != null)
			.map((it) => `${lte.SCALES[it].name} ${signal[it]} ${lte.SCALES[it].unit}`);
		dom.content(this.now, [
			E('div', { class: 'row' }, [ `${name} (${unit}) · ${lte.gradeName(lte.grade(measure, value))}` ]),
			E('div', { class: 'big' }, [ String(value) ]),
			E('div', { class: 'peak' }, [ _('best %s').format(this.peak(measure, value)) ]),
			E('div', { class: 'row' }, [ others.join(' · ') ]),
			...(signal.antennas ?? []).filter((it) => it[measure] != null).map((it, n) => E('div', { class: 'row' }, [
				_('Antenna %d: %s, best %s').format(n + 1, it[measure], this.peak(`${n}`, it[measure])) ])),
			signal.age_s > 3 ? E('div', { class: 'row' }, [ _('measured %d s ago').format(signal.age_s) ]) : E([])
		]);
		if (this.tone) {
			const part = Math.max(0, Math.min(1, (value - range[0]) / (range[1] - range[0])));
			const at = this.tone.context.currentTime;
			this.tone.volume.gain.setValueAtTime(.15, at);
			this.tone.oscillator.frequency.linearRampToValueAtTime(TONE[0] + part * (TONE[1] - TONE[0]), at + .3);
		}
	},

	toggleTone(button) {
		if (this.tone) {
			this.tone.context.close();
			this.tone = null;
		}
		else {
			const context = new AudioContext();
			const oscillator = context.createOscillator();
			const volume = context.createGain();
			volume.gain.value = 0;
			oscillator.connect(volume).connect(context.destination);
			oscillator.start();
			this.tone = { context, oscillator, volume };
		}
		button.setAttribute('aria-pressed', String(this.tone != null));
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
