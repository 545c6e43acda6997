'use strict';
'require baseclass';
'require ltewan as lte';

/* The modems on LuCI's overview, which polls it. */

return baseclass.extend({
	title: _('Modems'),

	load() {
		return lte.statusIfAllowed();
	},

	render(status) {
		const modems = status.modems ?? [];
		if (!modems.length)
			return null;
		const box = (modem) => {
			const users = (status.interfaces ?? []).filter((it) => it.modem == modem.modem);
			return E('div', { class: 'ifacebox' }, [
				E('div', { class: `ifacebox-head center ${modem.state == 'connected' ? 'active' : ''}` }, [
					E('strong', {}, [ lte.modemName(modem, modems) ])
				]),
				E('div', { class: 'ifacebox-body left' }, [
					E('p', {}, [ lte.sentence(modem) ]),
					lte.facts([
						[ _('Network'), lte.network(modem) ],
						[ _('Signal'), modem.signal && lte.quality(modem.signal) != null
							? [ lte.bars(modem.signal), ` ${lte.quality(modem.signal)} %` ] : null ],
						[ _('Interface'), users.map((it) => it.interface).join(', ') ],
						[ _('IPv4'), modem.bearer?.ipv4?.address ],
						[ _('IPv6'), modem.bearer?.ipv6?.address ]
					]),
					E('p', {}, [
						E('img', { src: L.resource('icons/ltewan.svg'), alt: '', width: 16, height: 16 }), ' ',
						E('a', { href: L.url('admin/modem/status') }, [ _('Details') ])
					])
				])
			]);
		};
		return E('div', { class: 'ltewan network-status-table' }, [ lte.style(), ...modems.map(box) ]);
	}
});
