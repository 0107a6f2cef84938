/** Every field id that the readers of EAP, EAPOL and RADIUS record: the words that explanations, filters and tests share. */
import type { ExplainedEapId } from './texts.ts';

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly eap: ExplainedEapId;
  }
}

/** Leaves whose meaning is known and that cannot be taken apart, or are where they are put together. */
export const opaqueEapBytes = [
  'eap.data',
  'eap.eapol.body',
  'eap.radius.authenticator',
  'eap.radius.eap_message',
  'eap.radius.trailing',
  'eap.radius.value',
  'eap.tls.fragment',
] as const satisfies readonly ExplainedEapId[];
