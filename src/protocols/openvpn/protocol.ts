/** OpenVPN: kinds of packets, and the TLS handshake of the control channel. */
import type { Protocol } from '../protocol.ts';
import { beginsOpenVpn } from './packet.ts';

export const openvpn: Protocol = {
  name: 'openvpn',
  looksLike: (start, from) => (from === 'client' ? beginsOpenVpn(start) : false),
  load: async () => {
    const { openVpnDatagrams, openVpnReader } = await import('./reader.ts');
    return { reader: openVpnReader, datagrams: openVpnDatagrams };
  },
  texts: async () => (await import('./texts.ts')).openVpnTexts,
};
