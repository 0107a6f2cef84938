/** Opens the log in which experiments are recorded, and the files that -w names. */
import { systemClock } from '../../core/clock.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';
import { openFiles } from '../io/outlets.ts';
import type { Files } from '../io/outlets.ts';
import { readVersion } from '../places.ts';

/** What becomes of the connections beside the report. */
export const recordingOptions: OptionTable = {
  write: {
    short: 'w',
    value: 'FILE.pcapng',
    help: { en: 'write all connections for Wireshark', ko: '모든 연결을 Wireshark용 파일로 저장' },
  },
  'with-secrets': {
    help: { en: 'include the decryption keys in that file', ko: '그 파일에 복호화 키도 넣기' },
  },
};

export async function openExperiments(
  parsed: Parsed,
  environment: Environment,
  protocol: 'https' | 'mtls',
): Promise<{ readonly log: CaptureLog; readonly files: Files }> {
  const log = new CaptureLog({ clock: systemClock });
  // The keys of other programs are none of these connections'.
  const files = await openFiles(parsed, { ...environment, variables: {} }, undefined, undefined, true);
  for (const fold of files.folds) log.subscribe(fold);
  log.append({
    type: 'began',
    version: readVersion(environment.places.root),
    wallClock: new Date(systemClock.now()).toISOString(),
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'server', role: 'server' },
      ],
      wires: [{ hop: 'A', from: 'client', to: 'server', protocol }],
    },
  });
  return { log, files };
}
