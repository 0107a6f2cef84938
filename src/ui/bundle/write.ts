/**
 * Writes a bundle: NDJSON in gzip. Every line is JSON that other programs can read (`zcat FILE | jq`), the events are the lines of
 * the JSON output, and gzip makes the text of two languages small. The first line says what follows: how many lines of each kind,
 * how many bytes, and their digest, so that a reader knows the size before it reads, and notices damage.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { eventLine } from '../json/json-events.ts';
import { bundleFormat, mostContentBytes, mostFileBytes, mostLines } from './limits.ts';
import type { Bundle, RunBundle } from './limits.ts';
import { BundleRoom } from './room.ts';

/** @throws BundleTooLarge */
export function bundleFile(bundle: Bundle): Uint8Array {
  if (!fits(bundle)) throw new BundleTooLarge();
  const { version, made, hasSecrets, events, redactions, count } = bundle;
  const all = {
    event: events.map(eventLine),
    redacted: redactions.map((one) => ({ kind: 'redacted', ...one })),
  };
  const parts =
    bundle.of === 'run'
      ? partsOfRun(bundle, all)
      : { source: [{ kind: 'source', ...bundle.source }], ...all };
  const content = Buffer.from(
    Object.values(parts)
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  if (content.length > mostContentBytes) throw new BundleTooLarge();
  const header = {
    kind: 'wirelab-bundle',
    format: bundleFormat,
    version,
    made,
    of: bundle.of,
    ...(bundle.of === 'run' ? { scenario: bundle.scenario.compiled.name } : {}),
    secrets: hasSecrets ? 'kept' : 'redacted',
    redactions: count,
    lines: Object.fromEntries(Object.entries(parts).map(([kind, lines]) => [kind, lines.length])),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  const file = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), content]);
  // The best compression of much that hardly shrinks takes long.
  const packed = gzipSync(file, { level: file.length > usualBytes ? 6 : 9 });
  if (packed.length > mostFileBytes) throw new BundleTooLarge();
  return packed;
}

/** It would be more than a bundle may hold. */
export class BundleTooLarge extends Error {}

function fits({ events, redactions }: Bundle): boolean {
  const room = new BundleRoom();
  for (const event of events) room.add(event);
  return !room.isTooSmall && redactions.length <= mostLines.redacted;
}

const usualBytes = 16 * 1024 * 1024;

/** In the order of the file. */
function partsOfRun(
  { scenario, certificates, findings, hits, verdict }: RunBundle,
  { event, redacted }: Readonly<Record<'event' | 'redacted', readonly object[]>>,
): Readonly<Record<string, readonly object[]>> {
  const { compiled, short, supplied } = scenario;
  const { file, narration, untranslated, predictions } = compiled;
  return {
    scenario: [{ kind: 'scenario', short, file, narration, untranslated, predictions, supplied }],
    certificate: certificates.map((one) => ({
      kind: 'certificate',
      name: one.name,
      der: Buffer.from(one.der).toString('base64'),
    })),
    event,
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
    redacted,
    verdict: [{ v: 2, kind: 'verdict', ...verdict }],
  };
}
