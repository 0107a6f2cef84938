/**
 * Reads the log of a real etcd, a JSON object a line: what of it is reported, and what says that etcd gives up.
 */
import { defined } from '../../core/defined.ts';
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { textAt } from '../objects/json.ts';

export interface RealEtcdReport {
  readonly kind: 'ready' | 'rejected' | 'trouble' | 'crashed' | 'ended';
  readonly text: Localized;
  /** What etcd's own log says of it. */
  readonly words?: string;
  /** The address of a rejected client. */
  readonly remote?: Address;
}

export interface LogLine {
  readonly text: string;
  /** An error and worse, or no line of the log: what a program says before it gives up. No line of a stack trace. */
  readonly isTrouble: boolean;
  /** It gives up with this. */
  readonly isFatal: boolean;
  readonly report?: RealEtcdReport;
}

const longest = 500;

/** A line of etcd's log, which is JSON; whatever it is. */
export function readLogLine(line: string): LogLine {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    const isStack = /^(?:\s|goroutine \d+ |created by |\[signal |exit status |[\w./*()[\]{}-]+\(.*\)$)/.test(
      line.slice(0, longest),
    );
    return {
      text: safeText(line.slice(0, longest)),
      isTrouble: line.trim() !== '' && !isStack,
      isFatal: /^(?:panic|fatal error): /.test(line),
    };
  }
  const at = (key: string): string => safeText(textAt(entry, key).slice(0, longest));
  const [level, message, error] = [at('level'), at('msg'), at('error')];
  const text = error === '' ? message : `${message}: ${error}`;
  const isFatal = ['fatal', 'panic', 'dpanic'].includes(level);
  const isTrouble = isFatal || level === 'error';
  if (message.startsWith('rejected connection')) {
    const remote = addressIn(at('remote-addr'));
    return {
      text,
      isTrouble,
      isFatal,
      report: {
        kind: 'rejected',
        text: { en: `etcd refused a client: ${error}`, ko: `etcd가 클라이언트를 거부했습니다: ${error}` },
        words: error,
        ...defined({ remote }),
      },
    };
  }
  if (!isTrouble) return { text, isTrouble, isFatal };
  return {
    text,
    isTrouble,
    isFatal,
    report: {
      kind: 'trouble',
      text: { en: `etcd reports a problem: ${text}`, ko: `etcd에 문제가 있습니다: ${text}` },
      words: text,
    },
  };
}

function addressIn(text: string): Address | undefined {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d{1,5})$/.exec(text) ?? [];
  return port === '' ? undefined : { host, port: Number(port) };
}
