/**
 * Implements the controller serviceaccount-token: fills a Secret of type kubernetes.io/service-account-token with a
 * token of the account that its annotation names, its namespace and the CA's certificate, and deletes it when the
 * account is gone.
 *
 * 1. Before a Secret is deleted, the API server is asked for the account: the watch may be behind.
 * 2. Complete Secrets are left alone; repeated events have no effect.
 */
import type { ApiClient } from './api-client.ts';
import { objectAt, textAt, withKeys } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { prepareSecretSigner } from '../authn/service-account-tokens.ts';
import {
  accountNameAnnotation,
  accountTokenType,
  accountUidAnnotation,
} from '../objects/validation/secrets.ts';
import { ask, WorkQueue } from './asking.ts';
import type { DisconnectedReport, RefusedReport } from './asking.ts';
import { firstPause, keepInformed, keyOf, Known } from './informer.ts';
import type { Retrying } from './informer.ts';

export type AccountTokenReport =
  | { readonly what: 'token_written'; readonly secret: string; readonly account: string }
  /** Its account is gone, or another of the same name. */
  | { readonly what: 'token_deleted'; readonly secret: string; readonly account: string }
  | RefusedReport;

export interface AccountTokenOptions extends Retrying {
  /** PEM: `--service-account-private-key-file`. */
  readonly accountKey: string;
  /** PEM: `--root-ca-file`. */
  readonly rootCertificate?: string;
}

type Options = AccountTokenOptions & {
  readonly onReport: (report: AccountTokenReport | DisconnectedReport) => void;
};

const typeQuery = `fieldSelector=${encodeURIComponent(`type=${accountTokenType}`)}`;

/** Runs until the signal. @throws UserError for what is no key; else for a fault of ours alone. */
export async function writeAccountTokens(
  client: ApiClient,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { onReport, rootCertificate } = options;
  const sign = prepareSecretSigner(options.accountKey);
  const steps = new WorkQueue<KubeObject>(
    {
      step: async (secret) => step(secret),
      again: async (secret) =>
        ask(client, 'GET', pathOf('secrets', secret.metadata.namespace, secret.metadata.name), signal),
      retry: options.retry ?? firstPause,
      onReport,
    },
    signal,
  );

  const step = async (secret: KubeObject): Promise<void> => {
    const { namespace = '', name, uid, annotations = {} } = secret.metadata;
    const account = annotations[accountNameAnnotation] ?? '';
    if (
      account === '' ||
      textAt(secret, 'type') !== accountTokenType ||
      secret.metadata.deletionTimestamp !== undefined
    )
      return;
    const found: KubeObject | undefined =
      known.accounts.get(`${namespace}/${account}`) ??
      (await ask(client, 'GET', pathOf('serviceaccounts', namespace, account), signal));
    const wanted = annotations[accountUidAnnotation] ?? '';
    if (!found || (wanted !== '' && wanted !== found.metadata.uid)) {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      };
      if (await ask(client, 'DELETE', pathOf('secrets', namespace, name), signal, body))
        onReport({ what: 'token_deleted', secret: keyOf(secret), account });
      return;
    }
    const accountUid = found.metadata.uid ?? '';
    const data = objectAt(secret, 'data');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const complete = {
      ...(rootCertificate === undefined ? {} : { 'ca.crt': base64(rootCertificate) }),
      namespace: base64(namespace),
      token:
        textAt(data, 'token') ||
        base64(sign({ namespace, secret: name, account: { name: account, uid: accountUid } })),
    };
    const isComplete =
      wanted === accountUid && Object.entries(complete).every(([key, value]) => data[key] === value);
    if (isComplete) return;
    const filled = withKeys(secret, {
      data: { ...data, ...complete },
      metadata: withKeys(secret.metadata, {
        annotations: { ...annotations, [accountUidAnnotation]: accountUid },
      }),
    });
    if (await ask(client, 'PUT', pathOf('secrets', namespace, name), signal, filled))
      onReport({ what: 'token_written', secret: keyOf(secret), account });
  };

  const check = (secret: KubeObject, isGone: boolean): void => {
    if (isGone) steps.drop(keyOf(secret));
    else if (known.accounts.isListed) steps.put(keyOf(secret), secret);
  };
  const checkAll = (): void => {
    for (const secret of known.secrets.all()) check(secret, false);
  };
  /** What is of this account. */
  const onAccount = (account: KubeObject): void => {
    const { namespace = '', name } = account.metadata;
    for (const secret of known.secrets.all())
      if (
        secret.metadata.namespace === namespace &&
        secret.metadata.annotations?.[accountNameAnnotation] === name
      )
        check(secret, false);
  };
  const known = { accounts: new Known(onAccount, checkAll), secrets: new Known(check) };
  try {
    await Promise.all([
      keepInformed(client, { path: '/api/v1/serviceaccounts' }, known.accounts, options, signal),
      keepInformed(client, { path: '/api/v1/secrets', query: typeQuery }, known.secrets, options, signal),
    ]);
  } finally {
    await steps.settled();
  }
}

function pathOf(plural: string, namespace = '', name = ''): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
}
