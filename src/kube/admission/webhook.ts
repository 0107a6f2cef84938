/** A webhook of a ValidatingWebhookConfiguration, read once: whom it is about, and how it is called. */
import { listAt, objectAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';

export interface Webhook {
  /** The name of its configuration. */
  readonly configuration: string;
  readonly name: string;
  readonly rules: readonly WebhookRule[];
  /** LabelSelectors. */
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
  readonly failsOpen: boolean;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  /** The version of the AdmissionReview that it is sent. */
  readonly reviewVersion: 'v1' | 'v1beta1';
  /** Exactly one of both is set. */
  readonly url?: string;
  readonly service?: WebhookService;
  /** PEM; undefined: the roots of this machine. */
  readonly caBundle?: string;
}

export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly port: number;
}

export interface WebhookRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
}

const texts = (object: unknown, field: string): readonly string[] =>
  listAt(object, field).filter((one) => typeof one === 'string');

export function webhooksOf(configuration: KubeObject): Webhook[] {
  return listAt(configuration, 'webhooks').map((webhook) => {
    const config = objectAt(webhook, 'clientConfig');
    const service = valueAt(config, 'service');
    const timeout = valueAt(webhook, 'timeoutSeconds');
    const bundle = textAt(config, 'caBundle');
    return {
      configuration: configuration.metadata.name,
      name: textAt(webhook, 'name'),
      rules: listAt(webhook, 'rules').map((rule) => ({
        operations: texts(rule, 'operations'),
        apiGroups: texts(rule, 'apiGroups'),
        apiVersions: texts(rule, 'apiVersions'),
        resources: texts(rule, 'resources'),
        scope: textAt(rule, 'scope') || '*',
      })),
      namespaceSelector: valueAt(webhook, 'namespaceSelector'),
      objectSelector: valueAt(webhook, 'objectSelector'),
      failsOpen: textAt(webhook, 'failurePolicy') === 'Ignore',
      sideEffects: textAt(webhook, 'sideEffects'),
      timeoutSeconds: typeof timeout === 'number' ? timeout : 10,
      reviewVersion:
        texts(webhook, 'admissionReviewVersions').find((one) => one === 'v1' || one === 'v1beta1') ===
        'v1beta1'
          ? 'v1beta1'
          : 'v1',
      ...(service === undefined
        ? { url: textAt(config, 'url') }
        : {
            service: {
              namespace: textAt(service, 'namespace'),
              name: textAt(service, 'name'),
              path: textAt(service, 'path'),
              port: Number(valueAt(service, 'port') ?? 443),
            },
          }),
      ...(bundle === '' ? {} : { caBundle: Buffer.from(bundle, 'base64').toString('latin1') }),
    };
  });
}
