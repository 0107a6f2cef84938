/** Every field id that the reader of DNS records: the words that explanations, filters and tests share. */
import type { ExplainedDnsId } from './texts.ts';

/** Fields without a text of their own: their parent explains them. */
type PartId = 'dns.data.unknown' | 'dns.opt.option.code' | 'dns.opt.option.data' | 'dns.trailing';

export type DnsFieldId = ExplainedDnsId | PartId | LengthId;

/** Lengths of what has no field of its own around it. */
type LengthId = 'dns.data.text.length' | 'dns.opt.option.length';

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly dns: DnsFieldId;
  }
}
