/** Writes a proof for programs: a line for each client, the proof last. */
import { defined } from '../../core/defined.ts';
import type { Hole, PlayedClient, Proof } from '../../diagnosis/admission/proof.ts';
import type { LineOf } from '../../ui/json/line.ts';

export function clientLine(client: PlayedClient, number: number): LineOf<'client'> {
  const { id, words, expected, admission, mark, attempt, serial, times } = client;
  return defined({
    v: 2 as const,
    kind: 'client' as const,
    number,
    id,
    client: words,
    expected,
    outcome: admission.kind,
    mark,
    words: admission.words,
    reason: admission.kind === 'not_tested' ? admission.reason : undefined,
    alert: admission.kind === 'refused_by_tls' ? admission.alert : undefined,
    said:
      admission.kind === 'admitted' || admission.kind === 'refused_by_application'
        ? admission.said
        : undefined,
    answer: admission.kind === 'admitted' ? admission.answer : undefined,
    serial,
    times,
    version: attempt?.version,
    cipher: attempt?.cipher,
    resumed: attempt?.change.session && attempt.secured ? attempt.resumed === true : undefined,
    renegotiation: attempt?.renegotiation,
    address: attempt?.address,
    at: attempt && new Date(attempt.at).toISOString(),
    milliseconds: attempt && Math.max(0, Math.round(attempt.milliseconds)),
    stream: attempt?.connection?.conn,
  });
}

export function proofLine(target: string, proof: Proof, milliseconds: number): LineOf<'proof'> {
  const { verdict, because, clients, holes, notes, notProven, connections } = proof;
  return defined({
    v: 2 as const,
    kind: 'proof' as const,
    target,
    verdict,
    because,
    holes: holes.map(holeLine),
    notes: notes.map(holeLine),
    notProven,
    clients: clients.length,
    connections,
    milliseconds: Math.max(0, Math.round(milliseconds)),
  });
}

const holeLine = ({ client, because, remedy }: Hole): LineOf<'proof'>['holes'][number] => ({
  id: client.id,
  client: client.words,
  because,
  remedy,
});
