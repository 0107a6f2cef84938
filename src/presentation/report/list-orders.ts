/**
 * The orders of a list of connections and the heads of its columns, for every renderer. Names and texts only, since the page's
 * script imports them.
 */

/** As a key cycles through them; the first is that of the log. */
export const listOrders = ['opened', 'duration', 'bytes', 'latency', 'name'] as const;
export type ListOrder = (typeof listOrders)[number];

export const nextOrder = (order: ListOrder): ListOrder =>
  listOrders[(listOrders.indexOf(order) + 1) % listOrders.length] ?? 'opened';

/** Orders for which a connection has to be read. */
export const isReadFor = (order: ListOrder): boolean => order === 'latency' || order === 'name';

/** Behind the list's heading: its order, and which end comes first. */
export const listOrderWords = {
  opened: { en: '', ko: '' },
  duration: { en: 'by duration, longest first', ko: '지속 시간이 긴 순' },
  bytes: { en: 'by bytes, most first', ko: '바이트가 많은 순' },
  latency: { en: 'by latency, slowest first', ko: '지연이 큰 순' },
  name: { en: 'by name', ko: '이름순' },
} as const satisfies Readonly<Record<ListOrder, unknown>>;

export const listHeads = {
  time: { en: 'time UTC', ko: '시각 UTC' },
  client: { en: 'client', ko: '클라이언트' },
  server: { en: 'server', ko: '서버' },
  name: { en: 'name', ko: '이름' },
  spoke: { en: 'protocol', ko: '프로토콜' },
  bytes: { en: '→ / ← bytes', ko: '→/← 바이트' },
  latency: { en: 'latency', ko: '지연' },
  duration: { en: 'duration', ko: '지속 시간' },
  outcome: { en: 'outcome', ko: '결과' },
} as const;

export type ListColumn = keyof typeof listHeads;
