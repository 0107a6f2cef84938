/**
 * Writes a bundle: NDJSON in gzip. Every line is JSON that other programs can read (`zcat FILE | jq`), the events are the lines of
 * the JSON output, and gzip makes the text of two languages small. The first line says what follows: how many lines of each kind,
 * how many bytes, and their digest, so that a reader knows the size before it reads, and notices damage.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { eventLine } from '../json/json-events.ts';
import { bundleFormat } from './limits.ts';
import type { Bundle } from './limits.ts';

export function bundleFile(bundle: Bundle): Uint8Array {
  const { version, made, hasSecrets, scenario, certificates, events, findings, hits, redactions, count } =
    bundle;
  const { compiled, short, supplied } = scenario;
  const { name, file, narration, untranslated } = compiled;
  const { predictions } = compiled;
  const parts = {
    scenario: [{ kind: 'scenario', short, file, narration, untranslated, predictions, supplied }],
    certificate: certificates.map((one) => ({
      kind: 'certificate',
      name: one.name,
      der: Buffer.from(one.der).toString('base64'),
    })),
    event: events.map(eventLine),
    findings: findings.map((one) => ({ kind: 'findings', ...one })),
    hit: hits.map(({ secret, encoding, run, hop, conn, vantage, from, offset, length, seq }) => ({
      kind: 'hit',
      secret,
      encoding,
      run,
      hop,
      conn,
      vantage,
      from,
      offset,
      length,
      seq,
    })),
    redacted: redactions.map((one) => ({ kind: 'redacted', ...one })),
    verdict: [{ v: 2, kind: 'verdict', ...bundle.verdict }],
  };
  const content = Buffer.from(
    Object.values(parts)
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const header = {
    kind: 'wirelab-bundle',
    format: bundleFormat,
    version,
    made,
    of: 'run',
    scenario: name,
    secrets: hasSecrets ? 'kept' : 'redacted',
    redactions: count,
    lines: Object.fromEntries(Object.entries(parts).map(([kind, all]) => [kind, all.length])),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), content]), { level: 9 });
}
