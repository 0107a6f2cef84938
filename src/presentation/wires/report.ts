/**
 * What is known of one wire of a star: how it is secured and used, which certificate or token each end presents, as whom the
 * caller is authenticated, why it was refused, and its requests and responses.
 */
import { explainRefusal } from '../../analysis/outcome/refusal.ts';
import type { Message as WireMessage } from '../../analysis/conversation/message.ts';
import type { Wire } from '../../capture/event.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { clusterWords } from './words.ts';
import type { WatchedMoment } from '../moment.ts';
import { callersOf } from './star.ts';
import { stepWords } from '../step-words.ts';
import type { WireExchange, WireFact, WireReport } from '../types/cluster.ts';
import type { Tone } from '../types/values.ts';
import { factsOf } from './status.ts';
import type { Exchange, WireFacts } from './status.ts';

/** How many requests are listed. */
const mostExchanges = 60;

export interface WireReportOptions {
  /** The event up to which no wire stays lit. */
  readonly calm: number;
  /** Masks the secrets of a message in a text about it. */
  readonly mask: (message: WireMessage, text: string) => string;
}

export function wireReport(look: WatchedMoment, wire: Wire, { calm, mask }: WireReportOptions): WireReport {
  const facts = factsOf(look, wire, calm);
  const [connection] = facts.connections;
  const client = (connection && look.scene.speakers.of(connection)?.who) ?? callersOf(wire);
  const ends = [client, wire.to] as const;
  if (facts.light === 'unused' && facts.traffic.connections === 0)
    return { ends, facts: [{ tone: 'dim', text: stepWords.nothingYet }], exchanges: undefined };
  const { security, exchanges } = facts;
  const isSealed = security !== undefined && security !== 'plaintext';
  return {
    ends,
    facts: [
      ...securityFacts(facts),
      ...(isSealed
        ? [...clientProof(facts, client), serverProof(facts, client, wire.to)]
        : facts.hasToken
          ? [{ who: client, tone: 'warning', text: clusterWords.token } as const]
          : []),
      ...callerFacts(facts),
      ...refusalFacts(facts, client),
      ...(exchanges.length === 0 && isSealed
        ? [{ tone: 'dim', text: clusterWords.onlySealed } as const]
        : []),
    ],
    exchanges:
      exchanges.length === 0
        ? undefined
        : {
            title: security === 'plaintext' ? clusterWords.saidOpenly : clusterWords.said,
            list: exchanges.slice(0, mostExchanges).map((one) => exchangeOf(one, facts, mask)),
          },
  };
}

function securityFacts({ security, version = '', proofs, hasToken, traffic }: WireFacts): WireFact[] {
  if (security === undefined) return [];
  const isUnread = security === 'tls' && !proofs.server && !hasToken;
  const { connections, open, bytes } = traffic;
  const text = inEach((language) => {
    const secured = clusterWords.secured[isUnread ? 'unread' : security][language](version);
    const exact = clusterWords.exact[language](
      grouped(connections),
      grouped(open),
      grouped(bytes.client),
      grouped(bytes.server),
    );
    return `${secured}; ${exact}`;
  });
  return [{ tone: security === 'plaintext' ? 'leaked' : 'plain', text }];
}

type Proof = NonNullable<WireFacts['proofs']['client']>;

const certificate = ({ subject, issuer }: Proof): Localized =>
  inEach((language) => clusterWords.certificate[language](safeText(subject), safeText(issuer)));

function clientProof({ proofs, hasToken, refusal }: WireFacts, who: string): WireFact[] {
  if (proofs.client) return [{ who, tone: 'sealed', text: certificate(proofs.client) }];
  const presentedNone = proofs.server !== undefined || refusal?.reason === 'certificate_missing';
  const text = hasToken
    ? clusterWords.token
    : presentedNone
      ? clusterWords.noCertificate
      : clusterWords.unread;
  return [{ who, tone: 'warning', text }];
}

function serverProof({ proofs, isUnverified }: WireFacts, client: string, who: string): WireFact {
  if (!proofs.server) return { who, tone: 'dim', text: clusterWords.unread };
  const shown = certificate(proofs.server);
  if (!isUnverified) return { who, tone: 'sealed', text: shown };
  const text = inEach((language) => clusterWords.unverified[language](shown[language], client));
  return { who, tone: 'warning', text };
}

/** Kubernetes adds this group to every authenticated user. */
const everyUser = 'system:authenticated';

function callerFacts({ caller }: WireFacts): WireFact[] {
  if (!caller) return [];
  const { user = '', groups = [], impersonator } = caller.request;
  const others = groups.filter((group) => group !== everyUser).join(', ');
  return [
    {
      tone: 'plain',
      text: inEach((language) => {
        const known = clusterWords.known[language](caller.who, safeText(user), safeText(others));
        return impersonator === undefined
          ? known
          : `${known}${clusterWords.impersonated[language](safeText(impersonator))}`;
      }),
    },
  ];
}

function refusalFacts({ refusal, traffic, wire }: WireFacts, client: string): WireFact[] {
  if (!refusal) return [];
  const by = refusal.by === 'server' ? wire.to : client;
  const { name } = explainRefusal(refusal);
  const tone: Tone = 'refused';
  return [
    {
      mark: '✗',
      tone,
      text: inEach((language) =>
        clusterWords.refusedBy[language](by, name[language], grouped(traffic.refused)),
      ),
    },
  ];
}

function exchangeOf(
  { connection, request, response }: Exchange,
  { callers }: Pick<WireFacts, 'callers'>,
  mask: WireReportOptions['mask'],
): WireExchange {
  const caller = callers.get(connection.conn);
  const who = [caller?.impersonator, caller?.user]
    .flatMap((name) => (name ? [safeText(name)] : []))
    .join(' as ');
  return {
    at: request.at,
    conn: connection.conn,
    request: inEach((language) => mask(request, request.title[language])),
    response: response?.title ?? clusterWords.unanswered,
    ...(who === '' ? {} : { caller: who }),
    isOpen: response === undefined,
  };
}
