/**
 * The relay under measurement, in a process of its own: relay-subject.js LISTEN-PORT TARGET-PORT tcp|tls|mtls FOLDER.
 * Everything is captured into a log as `wirelab proxy` keeps it: bounded, and of a connection that has closed nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventReleaser } from '../src/capture/event-releaser.ts';
import { CaptureLog } from '../src/capture/log.ts';
import { systemClock } from '../src/core/clock.ts';
import { startProxy } from '../src/proxy/proxy.ts';

const [listen = '0', target = '0', configuration = 'tcp', folder = ''] = process.argv.slice(2);
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const log = new CaptureLog({ clock: systemClock, maxPayload: 64 * 1024 * 1024 });
const forgetting = new EventReleaser(log);
log.subscribe((event) => {
  forgetting.fold(event);
  if (event.type === 'closed') forgetting.forget(event.conn);
});
await startProxy({
  kind: configuration === 'mtls' ? 'mtls' : configuration === 'tls' ? 'tls' : 'plaintext',
  pump: configuration === 'http' ? 'http' : 'bytes',
  accept: {
    listen: { host: '127.0.0.1', port: Number(listen) },
    ...(configuration === 'tls' || configuration === 'mtls'
      ? { identity: { certificate: file('server.crt'), key: file('server.key') } }
      : {}),
    ...(configuration === 'mtls'
      ? { clientAuthorities: [file('client-ca.crt')], policy: { allowAll: true } }
      : {}),
  },
  dial: { security: 'plain', to: { host: '127.0.0.1', port: Number(target) } },
  wires: { incoming: 'A', outgoing: 'B' },
  log,
  clock: systemClock,
});
