/**
 * The key bindings, a row each: keys, action and help text, and the modes of the screen in which they mean that. Help and the
 * hint bar are made from these rows; a new key is a new row and its case in `update.ts`. `keys/mode.ts` decides which mode
 * the screen is in.
 *
 * 1. In one mode a key is in one row. Where two rows name the same mode and key, the tests fail.
 * 2. Letters of the Korean layout (Dubeolsik) mean what the key means: `keys/hangul.ts` finds the key. Where Shift makes no
 *    other letter the small letter's meaning comes first, else the capital's: ㅁ is wire A, ㅠ is b. So the wires B, C, F, G,
 *    H, K and U have no letter there; w and W (ㅈ, ㅉ) go through all wires.
 */
import type { Localized } from '../../i18n/language.ts';

export type Action =
  | 'next'
  | 'back'
  | 'clicker'
  | 'play'
  | 'restart'
  | 'mode'
  | 'steps'
  | 'wire'
  | 'hop'
  | 'layout'
  | 'open'
  | 'explain'
  | 'sides'
  | 'record'
  | 'view'
  | 'zoom'
  | 'mask'
  | 'notes'
  | 'projector'
  | 'earlier'
  | 'later'
  | 'search'
  | 'find'
  | 'erase'
  | 'copy'
  | 'mouse'
  | 'share'
  | 'language'
  | 'pane'
  | 'enter'
  | 'move'
  | 'digit'
  | 'go'
  | 'help'
  | 'leave'
  | 'close'
  | 'stay'
  | 'filter'
  | 'sort'
  | 'copy-hex'
  | 'copy-curl'
  | 'hint'
  | 'commands'
  | 'next-lab'
  | 'suspend'
  | 'quit';

/** What the keys act on: a run of some kind, or what is open over it. */
export const keyModes = [
  'scenario',
  'proxy',
  'inspect',
  'cluster',
  'lab',
  // Over a run: a text, a record, the list of steps or of connections; a search text being typed; the question before the end.
  'text',
  'record',
  'steps',
  'list',
  'search',
  'ending',
] as const;
export type KeyMode = (typeof keyModes)[number];

/** A run: a scenario, or what people connect to. */
export type RunMode = Extract<KeyMode, 'scenario' | 'proxy' | 'inspect' | 'cluster' | 'lab'>;

const visited = ['proxy', 'inspect', 'cluster'] as const;
const runs: readonly KeyMode[] = ['scenario', ...visited, 'lab'];
const withoutLabs: readonly KeyMode[] = ['scenario', ...visited];

export interface KeyRow {
  readonly action: Action;
  /** Their names in messages. */
  readonly keys: readonly string[];
  /** Their names in help. */
  readonly shown: string;
  readonly help: Localized;
  /** In the hint bar; in little room the first ones are kept. */
  readonly hint?: Localized;
  /** The modes in which it is bound; every kind of run unless given. */
  readonly in?: readonly KeyMode[];
}

export const keyRows: readonly KeyRow[] = [
  {
    action: 'hint',
    keys: ['h'],
    shown: 'h',
    help: { en: 'a hint, and the next one', ko: '힌트, 또 누르면 하나 더' },
    hint: { en: 'hint', ko: '힌트' },
    in: ['lab'],
  },
  {
    action: 'commands',
    keys: ['c'],
    shown: 'c',
    help: { en: 'commands; in bytes: copy', ko: '명령, 바이트에서는 복사' },
    hint: { en: 'commands', ko: '명령' },
    in: ['lab'],
  },
  {
    action: 'next',
    keys: ['space'],
    shown: 'space',
    help: { en: 'next step', ko: '다음 단계' },
    hint: { en: 'next', ko: '다음' },
    in: ['scenario'],
  },
  {
    action: 'next',
    keys: ['space'],
    shown: 'space',
    help: { en: 'next connection', ko: '다음 연결' },
    hint: { en: 'next', ko: '다음' },
    in: visited,
  },
  {
    action: 'next',
    keys: ['space'],
    shown: 'space',
    help: { en: 'next connection', ko: '다음 연결' },
    in: ['lab'],
  },
  {
    action: 'back',
    keys: ['b', 'backspace'],
    shown: 'b',
    help: { en: 'back a step', ko: '이전 단계' },
    hint: { en: 'back', ko: '이전' },
    in: ['scenario'],
  },
  {
    action: 'back',
    keys: ['b', 'backspace'],
    shown: 'b',
    help: { en: 'previous connection', ko: '이전 연결' },
    hint: { en: 'back', ko: '이전' },
    in: visited,
  },
  {
    action: 'back',
    keys: ['b', 'backspace'],
    shown: 'b',
    help: { en: 'previous connection', ko: '이전 연결' },
    in: ['lab'],
  },
  {
    action: 'clicker',
    keys: ['pagedown', 'right'],
    shown: 'PgDn →',
    help: { en: 'next step; in bytes: move', ko: '다음 단계, 바이트에서는 이동' },
    in: ['scenario'],
  },
  {
    action: 'clicker',
    keys: ['pageup', 'left'],
    shown: 'PgUp ←',
    help: { en: 'back a step; in bytes: move', ko: '이전 단계, 바이트에서는 이동' },
    in: ['scenario'],
  },
  {
    action: 'enter',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'next step; leaves the bytes', ko: '다음 단계, 바이트 보기 닫기' },
    in: ['scenario'],
  },
  {
    action: 'enter',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'into the bytes, and back', ko: '바이트로, 되돌아가기' },
    in: ['proxy', 'inspect', 'lab', 'record'],
  },
  {
    action: 'enter',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'into the wire, the bytes', ko: '구간 안으로, 바이트로' },
    in: ['cluster'],
  },
  {
    action: 'mode',
    keys: ['1', '2', '3'],
    shown: '1 2 3',
    help: { en: 'plaintext, TLS, mutual TLS', ko: '평문, TLS, mTLS로 전환' },
    hint: { en: 'plain/TLS/mTLS', ko: '평문/TLS/mTLS' },
    in: ['scenario'],
  },
  {
    action: 'wire',
    keys: ['w'],
    shown: 'w',
    help: { en: 'next wire', ko: '다음 구간' },
    hint: { en: 'wire', ko: '구간' },
  },
  { action: 'wire', keys: ['W'], shown: 'W', help: { en: 'previous wire', ko: '이전 구간' } },
  {
    action: 'hop',
    keys: Array.from('ABCDEFGHIJKMORSTUVXY'),
    shown: 'A B C',
    help: { en: 'that wire of the picture', ko: '그림에서 그 구간 고르기' },
  },
  {
    action: 'open',
    keys: ['k'],
    shown: 'k',
    help: { en: 'open with the keys, close', ko: '키로 열기, 다시 닫기' },
    hint: { en: 'keys', ko: '키' },
  },
  {
    action: 'layout',
    keys: ['x'],
    shown: 'x',
    help: { en: 'text, hex, both', ko: '텍스트, 16진수, 둘 다' },
    hint: { en: 'hex', ko: '16진수' },
  },
  {
    action: 'explain',
    keys: ['e'],
    shown: 'e',
    help: { en: 'explanation, larger', ko: '설명 크게, 원래대로' },
    hint: { en: 'explain', ko: '설명' },
    in: withoutLabs,
  },
  {
    action: 'explain',
    keys: ['e'],
    shown: 'e',
    help: { en: 'task; in bytes: explains', ko: '과제, 바이트에서는 설명' },
    hint: { en: 'task', ko: '과제' },
    in: ['lab'],
  },
  {
    action: 'next-lab',
    keys: ['n'],
    shown: 'n',
    help: { en: 'next lab; or next found', ko: '다음 실습, 또는 다음 결과' },
    hint: { en: 'next lab', ko: '다음 실습' },
    in: ['lab'],
  },
  {
    action: 'find',
    keys: ['N'],
    shown: 'N',
    help: { en: 'previous found', ko: '이전 찾은 곳' },
    in: ['lab'],
  },
  {
    action: 'move',
    keys: ['up', 'down'],
    shown: '↑ ↓',
    help: { en: 'scroll', ko: '위아래로 넘기기' },
    hint: { en: 'scroll', ko: '넘기기' },
    in: ['text'],
  },
  {
    action: 'move',
    keys: ['up', 'down'],
    shown: '↑ ↓',
    help: { en: 'choose', ko: '고르기' },
    hint: { en: 'choose', ko: '고르기' },
    in: ['steps', 'list'],
  },
  {
    action: 'digit',
    keys: Array.from('0123456789'),
    shown: '0-9',
    help: { en: 'choose by the number', ko: '번호로 고르기' },
    hint: { en: 'number', ko: '번호' },
    in: ['steps', 'list'],
  },
  {
    action: 'go',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'go there', ko: '그곳으로 가기' },
    hint: { en: 'go', ko: '가기' },
    in: ['steps', 'list'],
  },
  {
    action: 'filter',
    keys: ['/'],
    shown: '/',
    help: { en: 'filter, as --filter does', ko: '조건으로 거르기(--filter)' },
    hint: { en: 'filter', ko: '거르기' },
    in: ['list'],
  },
  {
    action: 'sort',
    keys: ['s'],
    shown: 's',
    help: { en: 'sort: opened, duration …', ko: '정렬: 시작, 지속 시간 …' },
    hint: { en: 'sort', ko: '정렬' },
    in: ['list'],
  },
  {
    action: 'find',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'find', ko: '찾기' },
    hint: { en: 'find', ko: '찾기' },
    in: ['search'],
  },
  {
    action: 'erase',
    keys: ['backspace'],
    shown: 'Backspace',
    help: { en: 'delete a character', ko: '한 글자 지우기' },
    in: ['search'],
  },
  {
    action: 'close',
    keys: ['escape'],
    shown: 'Esc',
    help: { en: 'cancel', ko: '취소' },
    hint: { en: 'cancel', ko: '취소' },
    in: ['search'],
  },
  {
    action: 'leave',
    keys: ['q'],
    shown: 'q',
    help: { en: 'end the show', ko: '시연 끝내기' },
    in: ['ending'],
  },
  {
    action: 'stay',
    keys: ['escape'],
    shown: 'Esc',
    help: { en: 'stay; so does any other key', ko: '계속하기(다른 키도 같음)' },
    in: ['ending'],
  },
  {
    action: 'help',
    keys: ['?', 'f1'],
    shown: '?',
    help: { en: 'what this is; again: keys', ko: '이 화면 설명, 다시: 단축키' },
    hint: { en: 'help', ko: '도움말' },
    in: [...runs, 'text', 'record', 'steps', 'list'],
  },
  {
    action: 'view',
    keys: ['v'],
    shown: 'v',
    help: { en: 'wire, refusal, story, all', ko: '구간, 거부, 해설, 전체' },
    hint: { en: 'view', ko: '화면' },
  },
  {
    action: 'zoom',
    keys: ['z'],
    shown: 'z',
    help: { en: 'this pane alone, and back', ko: '이 창만 크게, 되돌리기' },
    hint: { en: 'zoom', ko: '확대' },
  },
  {
    action: 'steps',
    keys: ['g'],
    shown: 'g',
    help: { en: 'list of steps; go to one', ko: '단계 목록에서 골라 가기' },
    in: ['scenario'],
  },
  {
    action: 'sides',
    keys: ['s'],
    shown: 's',
    help: { en: 'TLS 1.2 beside TLS 1.3', ko: 'TLS 1.2와 1.3 나란히' },
    hint: { en: '1.2/1.3', ko: '1.2/1.3' },
  },
  {
    action: 'record',
    keys: ['t'],
    shown: 't',
    help: { en: 'three views of a record', ko: '레코드를 세 가지로 보기' },
  },
  {
    action: 'steps',
    keys: ['g'],
    shown: 'g',
    help: { en: 'list of connections', ko: '연결 목록에서 골라 가기' },
    hint: { en: 'list', ko: '목록' },
    in: [...visited, 'lab'],
  },
  { action: 'play', keys: ['p'], shown: 'p', help: { en: 'play, pause', ko: '자동 진행, 멈춤' } },
  {
    action: 'restart',
    keys: ['r'],
    shown: 'r',
    help: { en: 'restart', ko: '처음부터 다시' },
    in: [...runs, 'ending'],
  },
  {
    action: 'earlier',
    keys: [','],
    shown: ',',
    help: { en: 'a message back in time', ko: '메시지 하나 이전 시점으로' },
  },
  {
    action: 'later',
    keys: ['.'],
    shown: '.',
    help: { en: 'later, back to the present', ko: '다음 시점으로, 현재까지' },
  },
  {
    action: 'mask',
    keys: ['m'],
    shown: 'm',
    help: { en: 'mask secrets on the screen', ko: '화면에서 비밀 가리기' },
  },
  {
    action: 'projector',
    keys: ['P'],
    shown: 'P',
    help: { en: 'projector: high contrast', ko: '프로젝터: 높은 대비' },
  },
  { action: 'search', keys: ['/'], shown: '/', help: { en: 'search the conversation', ko: '대화에서 찾기' } },
  {
    action: 'find',
    keys: ['n'],
    shown: 'n',
    help: { en: 'next found', ko: '다음 찾은 곳' },
    in: ['scenario'],
  },
  {
    action: 'notes',
    keys: ['N'],
    shown: 'N',
    help: { en: 'notes; or previous found', ko: '메모, 찾는 중에는 이전 결과' },
    in: ['scenario'],
  },
  {
    action: 'find',
    keys: ['n', 'N'],
    shown: 'n N',
    help: { en: 'next, previous found', ko: '다음, 이전 찾은 곳' },
    in: visited,
  },
  {
    action: 'copy',
    keys: ['c'],
    shown: 'c',
    help: { en: 'copy what is chosen', ko: '고른 것 복사' },
    in: withoutLabs,
  },
  {
    action: 'copy-hex',
    keys: ['h'],
    shown: 'h',
    help: { en: 'copy it as hex', ko: '16진수로 복사' },
    in: withoutLabs,
  },
  {
    action: 'copy-curl',
    keys: ['u'],
    shown: 'u',
    help: { en: 'copy a request as curl', ko: '요청을 curl 명령으로 복사' },
  },
  {
    action: 'mouse',
    keys: ['f'],
    shown: 'f',
    help: { en: 'free the mouse, take it', ko: '마우스 풀기, 되돌리기' },
  },
  {
    action: 'share',
    keys: ['o'],
    shown: 'o',
    help: { en: 'the address for viewers', ko: '보는 사람에게 알릴 주소' },
    in: ['scenario'],
  },
  { action: 'language', keys: ['L'], shown: 'L', help: { en: 'English, 한국어', ko: 'English, 한국어' } },
  {
    action: 'pane',
    keys: ['tab', 'shift-tab'],
    shown: 'Tab',
    help: { en: 'next pane; Shift: previous', ko: '다음 창, Shift로 이전 창' },
  },
  {
    action: 'move',
    keys: ['up', 'down'],
    shown: '↑ ↓',
    help: { en: 'up, down', ko: '위로, 아래로' },
    in: [...runs, 'record'],
  },
  {
    action: 'move',
    keys: ['left', 'right'],
    shown: '← →',
    help: { en: 'previous, next byte', ko: '이전, 다음 바이트' },
    in: ['proxy', 'inspect', 'lab', 'record'],
  },
  {
    action: 'move',
    keys: ['left', 'right'],
    shown: '← →',
    help: { en: 'previous, next wire or byte', ko: '이전, 다음 구간 또는 바이트' },
    in: ['cluster'],
  },
  {
    action: 'move',
    keys: ['pageup', 'pagedown'],
    shown: 'PgUp PgDn',
    help: { en: 'a page up, a page down', ko: '한 쪽 위로, 아래로' },
    in: [...visited, 'lab', 'record', 'steps', 'list'],
  },
  {
    action: 'move',
    keys: ['pageup', 'pagedown'],
    shown: 'PgUp PgDn',
    help: { en: 'a page; at the end, a step', ko: '한 쪽씩, 끝에서는 다음 단계' },
    in: ['text'],
  },
  {
    action: 'clicker',
    keys: ['left', 'right'],
    shown: '← →',
    help: { en: 'back, next', ko: '이전, 다음' },
    in: ['text'],
  },
  {
    action: 'move',
    keys: ['home', 'end'],
    shown: 'Home End',
    help: { en: 'to the start, to the end', ko: '처음으로, 끝으로' },
    in: [...runs, 'text', 'record', 'steps'],
  },
  {
    action: 'move',
    keys: ['home', 'end'],
    shown: 'Home End',
    help: { en: 'first; follow the newest', ko: '처음으로, 새 연결 따라가기' },
    in: ['list'],
  },
  {
    action: 'close',
    keys: ['escape'],
    shown: 'Esc',
    help: { en: 'close what is open', ko: '열린 것 닫기' },
    in: runs,
  },
  {
    action: 'close',
    keys: ['escape', 'q'],
    shown: 'q Esc',
    help: { en: 'close this', ko: '닫기' },
    hint: { en: 'close', ko: '닫기' },
    in: ['text', 'record'],
  },
  {
    action: 'close',
    keys: ['escape', 'q', 'g'],
    shown: 'g q Esc',
    help: { en: 'close the list', ko: '목록 닫기' },
    hint: { en: 'close', ko: '닫기' },
    in: ['steps', 'list'],
  },
  {
    action: 'leave',
    keys: ['q'],
    shown: 'q',
    help: { en: 'back; at last, quit', ko: '뒤로, 마지막에는 끝내기' },
    hint: { en: 'quit', ko: '끝내기' },
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    shown: 'Ctrl-Z',
    help: { en: 'to the shell; fg comes back', ko: '셸로 나가기, fg로 돌아오기' },
    in: keyModes,
  },
  {
    action: 'quit',
    keys: ['Q', 'ctrl-c'],
    shown: 'Q Ctrl-C',
    help: { en: 'quit at once', ko: '바로 끝내기' },
    in: keyModes.filter((mode) => mode !== 'search'),
  },
  {
    action: 'quit',
    keys: ['ctrl-c'],
    shown: 'Ctrl-C',
    help: { en: 'quit at once', ko: '바로 끝내기' },
    in: ['search'],
  },
];

const isIn = (row: KeyRow, mode: KeyMode): boolean => (row.in ?? runs).includes(mode);

interface Table {
  readonly rows: readonly KeyRow[];
  readonly byKey: ReadonlyMap<string, Action>;
}

const tables = new Map<string, Table>();

/**
 * The rows of a mode. Keys that a text or a record over a run does not use mean what they mean in the run.
 * @param under the run, for a mode over one
 */
function tableOf(mode: KeyMode, under: RunMode): Table {
  const name = `${mode} ${under}`;
  const known = tables.get(name);
  if (known) return known;
  const own = keyRows.filter((row) => isIn(row, mode));
  const taken = new Set(own.flatMap(({ keys }) => keys));
  const below =
    mode === 'text' || mode === 'record'
      ? keyRows.filter((row) => isIn(row, under) && row.keys.every((key) => !taken.has(key)))
      : [];
  const rows = [...own, ...below];
  const table = {
    rows,
    byKey: new Map(rows.flatMap(({ action, keys }) => keys.map((key): [string, Action] => [key, action]))),
  };
  tables.set(name, table);
  return table;
}

/** The key bindings of a mode, for help and the hint bar. */
export function rowsOf(mode: KeyMode, under: RunMode): readonly KeyRow[] {
  return tableOf(mode, under).rows;
}

/** What a key means in a mode; undefined for one that means nothing. */
export function actionOf(key: string, mode: KeyMode, under: RunMode): Action | undefined {
  return tableOf(mode, under).byKey.get(key);
}
