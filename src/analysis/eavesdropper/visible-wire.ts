/** Gives access to the messages of a connection as an eavesdropper reads them. */
import type { EvidenceRef, Side } from '../../capture/event.ts';
import { findField } from '../../core/field.ts';
import type { Field, FieldId } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import { isTls13, nameOrCode, versionName } from '../../protocols/tls/codes.ts';
import type { Message } from '../conversation/message.ts';
import { recordFormOf, sealedShape } from './size-estimate.ts';
import type { RecordForm, SealedShape } from './size-estimate.ts';

/** One conversation, and what of it is asked more than once. */
export class Wire {
  readonly messages: readonly Message[];
  readonly form: RecordForm | undefined;
  readonly shape: SealedShape | undefined;
  readonly #fields = new Map<Message, Field | undefined>();

  constructor(messages: readonly Message[]) {
    this.messages = messages;
    this.form = recordFormOf(messages);
    this.shape = this.form && sealedShape(messages, this.form);
  }

  get isNewest(): boolean {
    return this.form !== undefined && isTls13(this.form.version);
  }

  /** A handshake message that stands readable. */
  readable(title: string, from: Side): Message | undefined {
    return this.messages.find(
      (message) =>
        message.title.en === title && message.from === from && !message.sealed && message.protocol === 'tls',
    );
  }

  field(message: Message | undefined, id: FieldId): Field | undefined {
    if (!message) return undefined;
    if (!this.#fields.has(message)) this.#fields.set(message, message.field());
    const root = this.#fields.get(message);
    return root && findField(root, id);
  }
}

export interface VisibleRow {
  readonly what: VisibleThing;
  readonly state: Visibility;
  readonly value: Localized;
  readonly evidence: readonly EvidenceRef[];
}

export type VisibleThing = keyof typeof visibleThings;

/** The rows, in display order. */
export const visibleThings = {
  version: { en: 'version, suite', ko: '버전, 스위트' },
  site: { en: 'site (SNI)', ko: '사이트(SNI)' },
  offeredProtocols: { en: 'ALPN offered', ko: '제안한 ALPN' },
  protocol: { en: 'ALPN chosen', ko: '선택된 ALPN' },
  serverCertificate: { en: 'server certificate', ko: '서버 인증서' },
  clientCertificate: { en: 'client certificate', ko: '클라이언트 인증서' },
  identity: { en: 'who the client is', ko: '클라이언트의 신원' },
  alert: { en: 'alerts', ko: '알림(Alert)' },
  ticket: { en: 'session tickets', ko: '세션 티켓' },
  content: { en: 'what is said', ko: '주고받은 내용' },
  requests: { en: 'requests', ko: '요청 수와 크기' },
  password: { en: 'password length', ko: '비밀번호 길이' },
  sizes: { en: 'sizes', ko: '크기' },
  timing: { en: 'timing', ko: '시각' },
} as const satisfies Readonly<Record<string, Localized>>;

export type Visibility = 'readable' | 'sealed' | 'absent' | 'inferred';

export const spoken = (code: number): string =>
  nameOrCode(versionName, code)
    .replace(/^TLSv1$/, 'TLS 1.0')
    .replace(/^TLSv/, 'TLS ');
