/**
 * The key bindings, a row each: keys, action and help text. Help and the hint bar are made from these rows; a new key is a new
 * row and its case in `update.ts`.
 *
 * Letters of the Korean keyboard layout (Dubeolsik, KS X 5002) on the same keys are equivalent: see `jamoOf`.
 */
import type { Localized } from '../../i18n/language.ts';

export type Action =
  | 'next'
  | 'back'
  | 'play'
  | 'restart'
  | 'mode'
  | 'wire'
  | 'hop'
  | 'layout'
  | 'open'
  | 'explain'
  | 'sides'
  | 'record'
  | 'view'
  | 'mask'
  | 'notes'
  | 'projector'
  | 'earlier'
  | 'later'
  | 'present'
  | 'search'
  | 'find-next'
  | 'copy'
  | 'mouse'
  | 'language'
  | 'pane'
  | 'pane-back'
  | 'enter'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'help'
  | 'leave'
  | 'quit';

export interface KeyRow {
  readonly action: Action;
  /** Their names in messages. */
  readonly keys: readonly string[];
  /** Their names in help. */
  readonly shown: string;
  readonly help: Localized;
  /** In the hint bar; in little room the first ones are kept. */
  readonly hint?: Localized;
}

export const keyRows: readonly KeyRow[] = [
  {
    action: 'next',
    keys: ['space'],
    shown: 'space',
    help: { en: 'next step', ko: '다음 단계' },
    hint: { en: 'next', ko: '다음' },
  },
  {
    action: 'back',
    keys: ['b', 'backspace'],
    shown: 'b',
    help: { en: 'back a step', ko: '이전 단계' },
    hint: { en: 'back', ko: '이전' },
  },
  {
    action: 'mode',
    keys: ['1', '2', '3'],
    shown: '1 2 3',
    help: { en: 'plaintext, TLS, mutual TLS', ko: '평문, TLS, mTLS로 전환' },
    hint: { en: 'plain/TLS/mTLS', ko: '평문/TLS/mTLS' },
  },
  {
    action: 'wire',
    keys: ['w'],
    shown: 'w',
    help: { en: 'next wire', ko: '다음 구간' },
    hint: { en: 'wire', ko: '구간' },
  },
  {
    action: 'hop',
    keys: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'],
    shown: 'A B C',
    help: { en: 'that wire of the picture', ko: '그림에서 그 구간 고르기' },
  },
  {
    action: 'open',
    keys: ['k'],
    shown: 'k',
    help: { en: 'open with the keys, close', ko: '키로 열기, 다시 닫기' },
    hint: { en: 'keys', ko: '열기' },
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
  },
  {
    action: 'help',
    keys: ['?', 'f1'],
    shown: '?',
    help: { en: 'this help', ko: '이 도움말' },
    hint: { en: 'help', ko: '도움말' },
  },
  {
    action: 'view',
    keys: ['v'],
    shown: 'v',
    help: { en: 'wire, refusal, story, all', ko: '구간, 거부, 이야기, 전체' },
    hint: { en: 'view', ko: '화면' },
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
    help: { en: 'three views of a record', ko: '레코드 하나를 세 시점으로' },
  },
  { action: 'play', keys: ['p'], shown: 'p', help: { en: 'play, pause', ko: '자동 진행, 멈춤' } },
  { action: 'restart', keys: ['r'], shown: 'r', help: { en: 'restart', ko: '처음부터 다시' } },
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
    help: { en: 'a message forward in time', ko: '메시지 하나 다음 시점으로' },
  },
  { action: 'present', keys: ['g'], shown: 'g', help: { en: 'back to the present', ko: '현재로 돌아오기' } },
  {
    action: 'mask',
    keys: ['m'],
    shown: 'm',
    help: { en: 'mask secrets on the screen', ko: '화면에서 비밀 가리기' },
  },
  {
    action: 'notes',
    keys: ['N'],
    shown: 'N',
    help: { en: 'notes; also: wirelab notes', ko: '메모(따로: wirelab notes)' },
  },
  {
    action: 'projector',
    keys: ['P'],
    shown: 'P',
    help: { en: 'projector: high contrast', ko: '프로젝터: 높은 대비' },
  },
  { action: 'search', keys: ['/'], shown: '/', help: { en: 'search the conversation', ko: '대화에서 찾기' } },
  {
    action: 'find-next',
    keys: ['n'],
    shown: 'n N',
    help: { en: 'next, previous found', ko: '다음, 이전 찾은 곳' },
  },
  { action: 'copy', keys: ['c'], shown: 'c', help: { en: 'copy what is chosen', ko: '고른 것 복사' } },
  {
    action: 'mouse',
    keys: ['f'],
    shown: 'f',
    help: { en: 'free the mouse, take it', ko: '마우스 풀기, 되돌리기' },
  },
  {
    action: 'language',
    keys: ['L', 'l'],
    shown: 'L',
    help: { en: 'English, 한국어', ko: 'English, 한국어' },
  },
  { action: 'pane', keys: ['tab'], shown: 'Tab', help: { en: 'next pane', ko: '다음 창' } },
  {
    action: 'pane-back',
    keys: ['shift-tab'],
    shown: 'Shift-Tab',
    help: { en: 'previous pane', ko: '이전 창' },
  },
  {
    action: 'enter',
    keys: ['enter'],
    shown: 'Enter',
    help: { en: 'into the bytes, and back', ko: '바이트로, 되돌아가기' },
  },
  { action: 'up', keys: ['up'], shown: '↑', help: { en: 'up', ko: '위로' } },
  { action: 'down', keys: ['down'], shown: '↓', help: { en: 'down', ko: '아래로' } },
  { action: 'left', keys: ['left'], shown: '←', help: { en: 'a byte back', ko: '한 바이트 앞으로' } },
  { action: 'right', keys: ['right'], shown: '→', help: { en: 'a byte on', ko: '한 바이트 뒤로' } },
  { action: 'page-up', keys: ['pageup'], shown: 'PageUp', help: { en: 'a page up', ko: '한 쪽 위로' } },
  {
    action: 'page-down',
    keys: ['pagedown'],
    shown: 'PageDown',
    help: { en: 'a page down', ko: '한 쪽 아래로' },
  },
  { action: 'first', keys: ['home'], shown: 'Home', help: { en: 'to the beginning', ko: '처음으로' } },
  { action: 'last', keys: ['end'], shown: 'End', help: { en: 'to the end', ko: '끝으로' } },
  {
    action: 'leave',
    keys: ['q', 'escape'],
    shown: 'q Esc',
    help: { en: 'back; quit', ko: '뒤로, 끝내기' },
    hint: { en: 'quit', ko: '끝내기' },
  },
  {
    action: 'quit',
    keys: ['Q', 'ctrl-c'],
    shown: 'Q Ctrl-C',
    help: { en: 'quit at once', ko: '바로 끝내기' },
  },
];

/** Which letter of the Korean layout lies on a key; shifted where that makes another letter. */
const jamoOf: Readonly<Record<string, string>> = {
  b: 'ㅠ',
  c: 'ㅊ',
  e: 'ㄷ',
  f: 'ㄹ',
  g: 'ㅎ',
  k: 'ㅏ',
  L: 'ㅣ',
  m: 'ㅡ',
  n: 'ㅜ',
  p: 'ㅔ',
  P: 'ㅖ',
  q: 'ㅂ',
  r: 'ㄱ',
  s: 'ㄴ',
  t: 'ㅅ',
  v: 'ㅍ',
  w: 'ㅈ',
  x: 'ㅌ',
};

const byKey = new Map(
  keyRows.flatMap(({ action, keys }) =>
    keys.flatMap((key): [string, Action][] => [
      [key, action],
      ...(jamoOf[key] ? [[jamoOf[key], action] as [string, Action]] : []),
    ]),
  ),
);

/** What a key means; undefined for one that means nothing. */
export function actionOf(key: string): Action | undefined {
  return byKey.get(key);
}
