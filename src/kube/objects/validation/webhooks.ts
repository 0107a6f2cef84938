/**
 * Validates ValidatingWebhookConfigurations (kube-apiserver, ValidateValidatingWebhookConfiguration). Match conditions are
 * expressions of a language that is not evaluated here (CEL): a configuration with one is refused, not taken without it.
 */
import type { FieldError } from '../field-error.ts';
import { goUrlFault } from '../go/url.ts';
import { nameFaults } from '../names.ts';
import { labelSelectorFaults } from './label-selectors.ts';
import type { Place } from './place.ts';
import { checked, numberFault, oneOfOrNone } from './rules.ts';

const reviewVersions = ['v1', 'v1beta1'];
const sideEffects = ['None', 'NoneOnDryRun'];

export function webhookConfigurationFaults(configuration: Place): FieldError[] {
  const names = new Set<string>();
  return configuration.at('webhooks').items.flatMap((webhook) => {
    const name = webhook.at('name');
    const isTaken = name.text !== '' && names.has(name.text);
    names.add(name.text);
    return [
      ...webhookFaults(webhook),
      ...versionFaults(webhook.at('admissionReviewVersions')),
      ...name.duplicateIf(isTaken),
    ];
  });
}

function webhookFaults(webhook: Place): FieldError[] {
  const effects = webhook.at('sideEffects');
  const config = webhook.at('clientConfig');
  const [url, service] = [config.at('url'), config.at('service')];
  return [
    ...qualifiedDomain(webhook.at('name')),
    ...webhook.at('rules').items.flatMap(ruleFaults),
    ...oneOfOrNone(webhook.at('failurePolicy'), ['Fail', 'Ignore']),
    ...oneOfOrNone(webhook.at('matchPolicy'), ['Equivalent', 'Exact']),
    ...(effects.isSet
      ? effects.supported(sideEffects)
      : effects.required(`must specify one of ${sideEffects.join(', ')}`)),
    ...numberFault(
      webhook.at('timeoutSeconds'),
      (seconds) => seconds > 30 || seconds < 1,
      'the timeout value must be between 1 and 30 seconds',
    ),
    ...labelSelectorFaults(webhook.at('namespaceSelector')),
    ...labelSelectorFaults(webhook.at('objectSelector')),
    ...(url.isSet === service.isSet
      ? config.required('exactly one of url or service is required')
      : url.isSet
        ? urlFaults(url)
        : serviceFaults(service)),
    ...webhook
      .at('matchConditions')
      .forbiddenIf(
        webhook.at('matchConditions').items.length > 0,
        'match conditions are expressions (CEL), which this API server does not evaluate',
      ),
  ];
}

/** A name like `pods.policy.example.com`. */
function qualifiedDomain(name: Place): FieldError[] {
  if (name.text === '') return name.required();
  const malformed = checked(name, nameFaults.subdomain);
  if (malformed.length > 0) return malformed;
  return name.invalidIf(
    name.text.split('.').length < 3,
    'should be a domain with at least three segments separated by dots',
  );
}

const texts = (place: Place): string[] => place.items.map(({ text }) => text);

/** A list that must not be empty, and has nothing beside a star. */
function starred(list: Place, others: string): FieldError[] {
  const all = texts(list);
  return [
    ...list.requiredIf(all.length === 0),
    ...list.invalidIf(
      all.length > 1 && all.includes('*'),
      `if '*' is present, must not specify other ${others}`,
    ),
  ];
}

function ruleFaults(rule: Place): FieldError[] {
  const versions = rule.at('apiVersions');
  return [
    ...starred(rule.at('operations'), 'operations'),
    ...rule
      .at('operations')
      .items.flatMap((operation) => operation.supported(['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'])),
    ...starred(rule.at('apiGroups'), 'API groups'),
    ...starred(versions, 'API versions'),
    ...versions.items.flatMap((version) => version.requiredText()),
    ...resourceFaults(rule.at('resources')),
    ...oneOfOrNone(rule.at('scope'), ['*', 'Cluster', 'Namespaced']),
  ];
}

function resourceFaults(resources: Place): FieldError[] {
  const faults: FieldError[] = [...resources.requiredIf(resources.items.length === 0)];
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  // As upstream has it: the last one without a subresource decides.
  let isLastPlain = false;
  for (const item of resources.items) {
    const { text } = item;
    if (text === '') {
      faults.push(...item.required());
      continue;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      isLastPlain = text !== '*';
      continue;
    }
    const [resource, part] = [text.slice(0, slash), text.slice(slash + 1)];
    faults.push(
      ...item.invalidIf(
        wholeResources.has(resource),
        `if '${resource}/*' is present, must not specify ${text}`,
      ),
      ...item.invalidIf(wholeSubresources.has(part), `if '*/${part}' is present, must not specify ${text}`),
    );
    if (part === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(part);
  }
  const all = texts(resources);
  faults.push(
    ...resources.invalidIf(
      all.length > 1 && all.includes('*/*'),
      "if '*/*' is present, must not specify other resources",
    ),
    ...resources.invalidIf(
      all.includes('*') && isLastPlain,
      "if '*' is present, must not specify other resources without subresources",
    ),
  );
  return faults;
}

function versionFaults(versions: Place): FieldError[] {
  const all = texts(versions);
  if (all.length === 0) return versions.required(`must specify one of ${reviewVersions.join(', ')}`);
  const seen = new Set<string>();
  return [
    ...versions.items.flatMap((version) => {
      if (seen.has(version.text)) return version.invalid('duplicate version');
      seen.add(version.text);
      return checked(version, nameFaults['label-1035']);
    }),
    ...versions.invalidIf(
      !all.some((one) => reviewVersions.includes(one)),
      `must include at least one of ${reviewVersions.join(', ')}`,
    ),
  ];
}

const isUnreadable = (text: string): boolean => /^https:\/\/[^/?#]/i.test(text) && !URL.canParse(text);

const form = '; desired format: https://host[/path]';

function urlFaults(url: Place): FieldError[] {
  // What is left is a host that no name server knows, or a port beyond 65535: here it is no URL either.
  const unreadable = goUrlFault(url.text) ?? (isUnreadable(url.text) ? 'invalid host or port' : undefined);
  if (unreadable !== undefined) return url.required(`url must be a valid URL: ${unreadable}${form}`);
  const [, scheme = '', authority = '', query, fragment] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(url.text) ?? [];
  const at = authority.lastIndexOf('@');
  const [user, host] = at < 0 ? [undefined, authority] : [authority.slice(0, at), authority.slice(at + 1)];
  return [
    ...url.invalidIf(
      scheme.toLowerCase() !== 'https',
      `'https' is the only allowed URL scheme${form}`,
      scheme.toLowerCase(),
    ),
    ...url.invalidIf(host === '', `host must be provided${form}`, host),
    ...url.invalidIf(user !== undefined, 'user information is not permitted in the URL', user),
    ...url.invalidIf(Boolean(fragment), 'fragments are not permitted in the URL', fragment),
    ...url.invalidIf(Boolean(query), 'query parameters are not permitted in the URL', query),
  ];
}

function serviceFaults(service: Place): FieldError[] {
  return [
    ...service.at('name').requiredText('service name is required'),
    ...service.at('namespace').requiredText('service namespace is required'),
    ...numberFault(
      service.at('port'),
      (port) => port < 1 || port > 65_535,
      'port is not valid: must be between 1 and 65535, inclusive',
    ),
    ...pathFaults(service.at('path')),
  ];
}

function pathFaults(path: Place): FieldError[] {
  const { text } = path;
  if (text === '' || text === '/') return [];
  if (text === '//') return path.invalid('segment[0] may not be empty');
  return [
    ...path.invalidIf(!text.startsWith('/'), "must start with a '/'"),
    ...text
      .slice(1)
      .replace(/\/$/, '')
      .split('/')
      .flatMap((segment, index) => {
        if (segment === '') return path.invalid(`segment[${index}] may not be empty`);
        const fault = nameFaults.subdomain(segment);
        return fault === undefined ? [] : path.invalid(`segment[${index}]: ${fault}`);
      }),
  ];
}
