/**
 * Asks the webhooks that a write concerns, all at once, and lets the first refusal stand (k8s.io/apiserver,
 * webhook/validating). They come last: after authorization, the rules of the kind, and the built-in admission.
 *
 * 1. A webhook that cannot be asked fails the request, unless its failurePolicy is Ignore: then only the log has it.
 * 2. A write that is only tried (dry run) asks as well, but never a webhook with side effects.
 */
import type { Change } from '../apiserver/hooks.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { textAt } from '../objects/json.ts';
import { BadReview, denial, reviewOf, rulingIn } from './admission-review.ts';
import type { Question } from './admission-review.ts';
import { concerns, isExempt } from './matching.ts';
import { CallFailed } from './webhook-client.ts';
import type { CallWebhook } from './webhook-client.ts';
import type { Webhook } from './webhook.ts';

/** A line of the server's log: what became of a call. */
export interface WebhookReport {
  readonly webhook: string;
  readonly outcome: 'allowed' | 'denied' | 'failed_closed' | 'failed_open';
  readonly operation: Change['operation'];
  /** `pods/web`, in a namespace or not. */
  readonly object: string;
  readonly namespace: string;
  readonly user: string;
  readonly dryRun: boolean;
  /** Why it was denied, or has failed. */
  readonly message?: string;
}

export interface WebhooksOptions {
  /** Those of the present configurations, in the order of their names. */
  readonly webhooks: () => readonly Webhook[];
  readonly namespace: (name: string) => Promise<KubeObject | undefined>;
  readonly call: CallWebhook;
  /** A UUID. */
  readonly newId: () => string;
  readonly onCalled?: (report: WebhookReport) => void;
}

export type AskWebhooks = (
  change: Change,
  kind: { readonly group: string; readonly kind: string },
  dryRun: boolean,
  warn: (text: string) => void,
) => Promise<void>;

export function askingWebhooks(options: WebhooksOptions): AskWebhooks {
  const { webhooks, namespace: namespaceOf, newId } = options;
  return async (change, kind, dryRun, warn) => {
    const all = webhooks();
    const asked = all.length === 0 ? undefined : questionOf(change, kind, dryRun);
    if (!asked || isExempt(asked)) return;
    const labels = async (name: string): Promise<KubeObject['metadata']['labels']> => {
      const namespace = await namespaceOf(name);
      return namespace && (namespace.metadata.labels ?? {});
    };
    const concerned: Webhook[] = [];
    for (const webhook of all) if (await concerns(webhook, asked, labels)) concerned.push(webhook);
    const failures: ApiFailure[] = [];
    await Promise.all(
      concerned.map(async (webhook) => {
        const failure = await ask(webhook, { ...asked, uid: newId() }, options, warn);
        if (failure) failures.push(failure);
      }),
    );
    const [first] = failures;
    if (first) throw first;
  };
}

/** Subresources that are written by posting an object of their own. */
const posted: Readonly<Record<string, { readonly group: string; readonly kind: string }>> = {
  binding: { group: '', kind: 'Binding' },
  eviction: { group: 'policy', kind: 'Eviction' },
};

function questionOf(
  { operation, attributes, object, old }: Change,
  kind: { readonly group: string; readonly kind: string },
  dryRun: boolean,
): Omit<Question, 'uid'> {
  const { group, version, resource, subresource = '', namespace = '', user } = attributes;
  const { name } = object.metadata;
  const own = Object.hasOwn(posted, subresource) ? posted[subresource] : undefined;
  const shared = { group, version, resource, subresource, namespace, name, user, dryRun };
  if (own)
    return {
      ...shared,
      operation: 'CREATE',
      kind: { ...own, version: 'v1' },
      object: {
        apiVersion: own.group === '' ? 'v1' : `${own.group}/v1`,
        kind: own.kind,
        metadata: { name, namespace },
        ...(own.kind === 'Binding'
          ? { target: { kind: 'Node', name: textAt(object, 'spec', 'nodeName') } }
          : {}),
      },
    };
  return {
    ...shared,
    operation,
    // A row of the table of resources has more than these, and none of it is for a webhook.
    kind: { group: kind.group, version: 'v1', kind: kind.kind },
    ...(operation === 'DELETE' ? { old: object } : { object }),
    ...(operation === 'UPDATE' && old ? { old } : {}),
  };
}

/** @returns why the request fails. */
async function ask(
  webhook: Webhook,
  question: Question,
  { call, onCalled }: WebhooksOptions,
  warn: (text: string) => void,
): Promise<ApiFailure | undefined> {
  const { name } = webhook;
  const report = (outcome: WebhookReport['outcome'], message?: string): void =>
    onCalled?.({
      webhook: name,
      outcome,
      operation: question.operation,
      object: `${question.resource}/${question.name}`,
      namespace: question.namespace,
      user: question.user.name,
      dryRun: question.dryRun,
      ...(message === undefined ? {} : { message }),
    });
  if (question.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun')
    return new ApiFailure('BadRequest', `admission webhook ${JSON.stringify(name)} does not support dry run`);
  try {
    const answer = await call(webhook, reviewOf(question, webhook.reviewVersion));
    const ruling = rulingIn(answer, webhook.reviewVersion, question.uid);
    for (const text of ruling.warnings) warn(text);
    if (ruling.allowed) {
      report('allowed');
      return undefined;
    }
    const denied = denial(name, ruling.status);
    report('denied', denied.message);
    return denied;
  } catch (error) {
    const words =
      error instanceof CallFailed
        ? error.message
        : error instanceof BadReview
          ? `received invalid webhook response: ${error.message}`
          : undefined;
    if (words === undefined) throw error;
    const message = `failed calling webhook ${JSON.stringify(name)}: ${words}`;
    report(webhook.failsOpen ? 'failed_open' : 'failed_closed', message);
    return webhook.failsOpen
      ? undefined
      : new ApiFailure('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
  }
}
