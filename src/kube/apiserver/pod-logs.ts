/**
 * Translates a request for a pod's log into one to the kubelet, and the kubelet's response into the client's: pure,
 * with kube-apiserver's messages. `kubelet-client.ts` connects to the kubelet.
 */
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { invalid, invalidObject, forbiddenField } from '../objects/field-error.ts';
import type { FieldError } from '../objects/field-error.ts';
import { listAt, textAt, valueAt } from '../objects/json.ts';
import type { Address } from '../../capture/event.ts';

/** The container's name, as part of the path. @throws ApiFailure 400 */
export function containerOf(pod: KubeObject, asked: string): string {
  const { name } = pod.metadata;
  const [containers, initContainers, ephemeral] = ['containers', 'initContainers', 'ephemeralContainers'].map(
    (field) => listAt(pod, 'spec', field).map((container) => textAt(container, 'name')),
  ) as [string[], string[], string[]];
  if (asked !== '') {
    if ([...containers, ...initContainers, ...ephemeral].includes(asked)) return asked;
    throw new ApiFailure('BadRequest', `container ${asked.slice(0, 256)} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choice = containers.length === 0 ? '' : `, choose one of: [${containers.join(' ')}]`;
  const others =
    initContainers.length === 0 || choice === ''
      ? ''
      : ` or one of the init containers: [${initContainers.join(' ')}]`;
  throw new ApiFailure('BadRequest', `a container name must be specified for pod ${name}${choice}${others}`);
}

/** Options in alphabetical order, as Go encodes them; whether they are flags or numbers, and the minimum. */
const options: readonly (readonly [name: string, least: 'flag' | 'time' | number])[] = [
  ['follow', 'flag'],
  ['limitBytes', 1],
  ['previous', 'flag'],
  ['sinceSeconds', 1],
  ['sinceTime', 'time'],
  ['tailLines', 0],
  ['timestamps', 'flag'],
];

/** The kubelet's query. @throws ApiFailure 400, 422 */
export function logQuery(query: URLSearchParams, pod: string): string {
  const faults: FieldError[] = [];
  const asked = new URLSearchParams();
  for (const [name, least] of options) {
    const given = query.get(name) ?? '';
    if (given === '') continue;
    if (least === 'flag') {
      if (['true', '1'].includes(given)) asked.append(name, 'true');
    } else if (least === 'time') {
      if (Number.isNaN(Date.parse(given)))
        throw new ApiFailure(
          'BadRequest',
          `parsing time ${JSON.stringify(given.slice(0, 64))}: it is not RFC 3339`,
        );
      asked.append(name, given);
    } else {
      if (!/^-?\d{1,15}$/.test(given))
        throw new ApiFailure(
          'BadRequest',
          `strconv.ParseInt: parsing ${JSON.stringify(given.slice(0, 64))}: invalid syntax`,
        );
      if (Number(given) < least)
        faults.push(
          invalid(name, Number(given), `must be greater than ${least === 0 ? 'or equal to 0' : '0'}`),
        );
      asked.append(name, given);
    }
  }
  if (asked.has('sinceSeconds') && asked.has('sinceTime'))
    faults.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  if (faults.length > 0) throw invalidObject('PodLogOptions', '', pod, faults);
  return asked.toString();
}

/** kubeadm's `--kubelet-preferred-address-types`. */
const preferredAddresses = ['InternalIP', 'ExternalIP', 'Hostname'] as const;
const kubeletPort = 10_250;

/** Where the kubelet of a node listens, according to its status. @throws ApiFailure 500 */
export function kubeletAddress(node: KubeObject): Address {
  const addresses = listAt(node, 'status', 'addresses');
  const host = preferredAddresses
    .map((type) =>
      textAt(
        addresses.find((one) => textAt(one, 'type') === type),
        'address',
      ),
    )
    .find((address) => address !== '');
  if (host === undefined)
    throw new ApiFailure(
      'Unknown',
      `no preferred addresses found; known addresses: [${addresses.map((one) => textAt(one, 'type')).join(' ')}]`,
    );
  const port = valueAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port');
  return {
    host,
    port:
      typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : kubeletPort,
  };
}

/** The response to the client if the kubelet responded with anything but a log. */
export function kubeletRefusal(status: number, text: string, pod: string): ApiFailure {
  const details = { name: pod, kind: 'pods/log' };
  const about = (message: string): string => `${message} ( pods/log ${pod})`;
  switch (status) {
    case 400:
      return new ApiFailure('BadRequest', text);
    case 401:
      return new ApiFailure(
        'Unauthorized',
        about('the server has asked for the client to provide credentials'),
        details,
      );
    case 403:
      return new ApiFailure(
        'Forbidden',
        about(text.trim() || 'the server has forbidden the request'),
        details,
      );
    case 404:
      return new ApiFailure('NotFound', about('the server could not find the requested resource'), details);
    case 500:
      return new ApiFailure('InternalError', `Internal error occurred: ${text}`);
    case 503:
      return new ApiFailure(
        'ServiceUnavailable',
        about('the server is currently unable to handle the request'),
        details,
      );
    default:
      return new ApiFailure(
        'InternalError',
        about(
          `an error on the server (${JSON.stringify(text.trim().slice(0, 1000) || 'unknown')}) has prevented the request from succeeding`,
        ),
        details,
      );
  }
}
