/** Fills in omitted fields of a ValidatingWebhookConfiguration (kube-apiserver, `SetDefaults_ValidatingWebhook`). */
import { listAt, objectAt, textAt, valueAt, withKeys } from './json.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';

const elements = (object: unknown, field: string): readonly JsonObject[] =>
  listAt(object, field).map((value) => objectAt({ value: value as JsonObject }, 'value'));

export function webhookDefaults(object: KubeObject): KubeObject {
  if (valueAt(object, 'webhooks') === undefined) return object;
  return withKeys(object, { webhooks: elements(object, 'webhooks').map(complete) });
}

function complete(webhook: JsonObject): JsonObject {
  const config = objectAt(webhook, 'clientConfig');
  const service = valueAt(config, 'service');
  return withKeys(
    {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...webhook,
    },
    {
      clientConfig:
        service === undefined
          ? config
          : { ...config, service: { port: 443, ...objectAt(config, 'service') } },
      ...(valueAt(webhook, 'rules') === undefined
        ? {}
        : {
            rules: elements(webhook, 'rules').map((rule) => ({
              ...rule,
              scope: textAt(rule, 'scope') || '*',
            })),
          }),
    },
  );
}
