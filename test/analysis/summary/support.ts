/** A summary by hand. */
import type { Outcome } from '../../../src/analysis/outcome/outcome-facts.ts';
import type { ConnectionSummary } from '../../../src/analysis/summary/connection-summary.ts';

export const outcome = (facts: Partial<Outcome> = {}): Outcome => ({
  kind: 'completed',
  source: 'wire',
  inferred: false,
  confidence: 'proven',
  signs: [],
  seen: [],
  detail: {},
  evidence: [],
  sentence: { en: '', ko: '' },
  certainty: { en: '', ko: '' },
  ...facts,
});

export const summary = (facts: Partial<ConnectionSummary> = {}): ConnectionSummary => ({
  stream: 0,
  hop: 'A',
  transport: 'tcp',
  behind: undefined,
  client: { host: '10.0.0.1', port: 50_000 },
  server: { host: '10.0.0.2', port: 443 },
  openedAt: 0,
  closedAt: 2_000_000,
  lastAt: 2_000_000,
  frames: undefined,
  bytes: { client: 100, server: 900 },
  protocols: [],
  sni: undefined,
  hosts: [],
  asked: [],
  version: undefined,
  suite: undefined,
  alpn: undefined,
  alerts: [],
  requests: 0,
  methods: [],
  statuses: [],
  paths: [],
  latency: undefined,
  secrets: [],
  guessable: [],
  logins: [],
  isReadable: false,
  texts: new Set(),
  outcome: outcome(),
  isOver: true,
  ...facts,
});

/** The same while it is open. */
export const open = (facts: Partial<ConnectionSummary> = {}): ConnectionSummary =>
  summary({ closedAt: undefined, outcome: undefined, isOver: false, ...facts });
