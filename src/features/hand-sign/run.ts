/** Runs the `handSign` step: makes the request and signs it with the CA's own key. Its counterpart is step.ts. */
import { createPrivateKey } from 'node:crypto';
import { requestFor, signRequest } from '../../pki/ca/request.ts';
import { parseSubject } from '../../pki/ca/subject.ts';
import { certificateReport } from '../../pki/x509/certificate-report.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { credentialsOf } from '../../peers/client/caller.ts';

export async function runHandSign(
  { id, client, handSign }: PlannedStep,
  { plan, log, world, clock, random }: RunOptions,
  context: RunContext,
): Promise<void> {
  const row = plan.clients.find(({ name }) => name === handSign?.keeps)?.key;
  if (!handSign || !world || row === undefined) throw new Error(`incomplete plan for step ${id}`);
  const { key } = world.identity(row);
  const certificate = signRequest(
    requestFor(createPrivateKey(key), { subject: parseSubject(handSign.subject, `${id}: subject`) }),
    {
      authority: world.identity(handSign.issuer),
      profile: 'client',
      clock,
      random,
      validity: { from: '-300s', to: `${handSign.days}d` },
    },
  );
  credentialsOf(context).set(handSign.keeps, { certificate, key });
  log.append({ type: 'observed', who: client, result: certificateReport(certificate) });
  await Promise.resolve();
}
