/**
 * The relay under measurement, in a process of its own: relay-subject.js LISTEN-PORT TARGET-PORT.
 * Everything is captured into a log of the usual kind, bounded so that a long run fits into memory.
 */
import { CaptureLog } from '../src/capture/log.ts';
import { systemClock } from '../src/core/clock.ts';
import { startProxy } from '../src/proxy/proxy.ts';

const [listen = 0, target = 0] = process.argv.slice(2).map(Number);
await startProxy({
  kind: 'plaintext',
  pump: 'bytes',
  accept: { listen: { host: '127.0.0.1', port: listen } },
  dial: { security: 'plain', to: { host: '127.0.0.1', port: target } },
  wires: { incoming: 'A', outgoing: 'B' },
  log: new CaptureLog({ clock: systemClock, maxPayload: 64 * 1024 * 1024 }),
  clock: systemClock,
});
