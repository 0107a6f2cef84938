/** Validates what needs a running container: probes and lifecycle hooks, and the handlers of both. */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { FieldError } from '../field-error.ts';
import type { Place } from './place.ts';
import { atLeastZero, moreThanZero, oneOf, portNumber, portNumberOrName } from './rules.ts';

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
export const runningSettings: readonly string[] = probes;

type Rule = (handler: Place, pod: Place) => FieldError[];

const commonHandlers: Dictionary<Rule> = {
  exec: (handler) => handler.at('command').requiredIf(handler.at('command').items.length === 0),
  httpGet: (handler) => [
    ...handler.at('path').requiredText(),
    ...portNumberOrName(handler.at('port')),
    ...oneOf(handler.at('scheme'), ['HTTP', 'HTTPS']),
    ...handler.at('httpHeaders').items.flatMap((header) => {
      const name = header.at('name').text;
      return handler
        .at('httpHeaders')
        .invalidIf(
          !/^[-A-Za-z0-9]+$/.test(name),
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
          name,
        );
    }),
  ],
  tcpSocket: (handler) => portNumberOrName(handler.at('port')),
};
const probeHandlers = {
  ...commonHandlers,
  grpc: ((handler) => portNumber(handler.at('port'))) satisfies Rule,
};
const hookHandlers = { ...commonHandlers, sleep: sleepFaults };

function handlerFaults(given: Place, handlers: Dictionary<Rule>, pod: Place): FieldError[] {
  const [first, ...more] = Object.keys(handlers).filter((kind) => given.at(kind).isSet);
  if (first === undefined) return given.required('must specify a handler type');
  return [
    ...(handlers[first]?.(given.at(first), pod) ?? []),
    ...more.flatMap((kind) => given.at(kind).forbidden('may not specify more than 1 handler type')),
  ];
}

function sleepFaults(sleep: Place, pod: Place): FieldError[] {
  const seconds = sleep.at('seconds').or(0).value;
  const grace = pod.at('spec', 'terminationGracePeriodSeconds').value;
  return sleep.invalidIf(
    typeof seconds === 'number' && typeof grace === 'number' && (seconds <= 0 || seconds > grace),
    `must be greater than 0 and less than terminationGracePeriodSeconds (${String(grace)}). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.`,
    seconds,
  );
}

export function runningFaults(container: Place, pod: Place): FieldError[] {
  return [
    ...['postStart', 'preStop'].flatMap((hook) => {
      const handler = container.at('lifecycle', hook);
      return handler.isSet ? handlerFaults(handler, hookHandlers, pod) : [];
    }),
    ...probes.flatMap((kind) => probeFaults(container.at(kind), kind === 'readinessProbe', pod)),
  ];
}

function probeFaults(probe: Place, isReadiness: boolean, pod: Place): FieldError[] {
  if (!probe.isSet) return [];
  const grace = probe.at('terminationGracePeriodSeconds');
  const successes = probe.at('successThreshold').or(0);
  return [
    ...handlerFaults(probe, probeHandlers, pod),
    ...[
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ].flatMap((field) => atLeastZero(probe.at(field))),
    ...moreThanZero(grace),
    ...grace.invalidIf(isReadiness && grace.isSet, 'must not be set for readinessProbes'),
    ...successes.invalidIf(!isReadiness && successes.value !== 1, 'must be 1'),
  ];
}
