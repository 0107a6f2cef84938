/** The speaker's end of the channel: finds the show, and follows it until it ends. */
import { connect } from 'node:net';
import { UserError } from '../../i18n/user-error.ts';
import { keyLine, lineReader, pageIn } from './message.ts';
import type { SpeakerKey, SpeakerMessage } from './message.ts';
import type { RunningShow } from './shows.ts';

/**
 * The show that is meant: the one with that name or process number, or the only one. Undefined if there is none.
 * @param isFollowing a show was followed already: where several run by now, the first of them is meant
 * @throws UserError if there are several
 */
export function chooseShow(
  shows: readonly RunningShow[],
  asked: string | undefined,
  isFollowing = false,
): RunningShow | undefined {
  const meant = shows.filter(
    ({ name, pid }) => asked === undefined || name === asked || String(pid) === asked,
  );
  const [show, ...others] = meant;
  if (others.length === 0 || isFollowing) return show;
  const isUnique = new Set(meant.map(({ name }) => name)).size === meant.length;
  const list = meant.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  throw new UserError({
    what: { en: 'several shows are running', ko: '여러 쇼가 실행 중입니다' },
    where: 'wirelab notes',
    expected: isUnique
      ? { en: 'the name of one', ko: '그중 하나의 이름' }
      : { en: 'the process number of one', ko: '그중 하나의 프로세스 번호' },
    received: list,
    remedy: {
      en: `./wirelab notes ${isUnique ? (show?.name ?? '') : String(show?.pid)}`,
      ko: `./wirelab notes ${isUnique ? (show?.name ?? '') : String(show?.pid)}`,
    },
  });
}

export interface Followed {
  /** Resolves when the show has ended, or the connection was closed. */
  readonly ended: Promise<void>;
  press(key: SpeakerKey): void;
  close(): void;
}

/** @param onPage is given every page that the show sends; a line that is none ends the connection. */
export function followShow({ path }: RunningShow, onPage: (page: SpeakerMessage) => void): Followed {
  const socket = connect(path);
  const read = lineReader('page', (line) => {
    const page = pageIn(line);
    if (page) onPage(page);
    else socket.destroy();
  });
  socket.setEncoding('utf8').on('data', (text: string) => {
    if (!socket.destroyed && !read(text)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  return {
    ended: new Promise((resolve) => socket.on('close', () => resolve())),
    press: (key) => void socket.write(keyLine(key)),
    close: () => void socket.destroy(),
  };
}
