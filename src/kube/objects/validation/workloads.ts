/**
 * Validates Deployments and Jobs, and what of them may not change (kube-apiserver, ValidateDeployment, ValidateJob and their
 * updates). Nothing here starts their pods.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../field-error.ts';
import { goLabelSelector, goStringMap } from '../go/values.ts';
import { isJsonObject } from '../json.ts';
import { isEmptySelector, labelSelectorFaults, selects } from './label-selectors.ts';
import type { Place } from './place.ts';
import { podFaults } from './pods.ts';
import { atLeastZero, labels, numberFault } from './rules.ts';

/** The template of a pod: its labels, and its pod without what only a running one has. */
function templateFaults(template: Place): FieldError[] {
  const ephemeral = template.at('spec', 'ephemeralContainers');
  return [
    ...labels(template.at('metadata', 'labels')),
    ...podFaults(template),
    ...ephemeral.forbiddenIf(ephemeral.items.length > 0, 'ephemeral containers not allowed in pod template'),
  ];
}

export function deploymentFaults(deployment: Place): FieldError[] {
  const spec = deployment.at('spec');
  const [selector, template] = [spec.at('selector'), spec.at('template')];
  const selectorFaults = selector.isSet ? labelSelectorFaults(selector) : [];
  const own = template.at('metadata', 'labels').or({});
  const restart = template.at('spec', 'restartPolicy');
  const [ready, deadline] = [spec.at('minReadySeconds').or(0), spec.at('progressDeadlineSeconds')];
  return [
    ...atLeastZero(spec.at('replicas')),
    ...(selector.isSet
      ? [
          ...selectorFaults,
          ...selector.invalidIf(
            isEmptySelector(selector),
            'empty selector is invalid for deployment',
            goLabelSelector(selector.value),
          ),
        ]
      : selector.required()),
    ...own.invalidIf(
      selector.isSet &&
        selectorFaults.length === 0 &&
        !isEmptySelector(selector) &&
        !selects(selector, isJsonObject(own.value) ? own.value : {}),
      '`selector` does not match template `labels`',
      goStringMap(template.at('metadata', 'labels').value),
    ),
    ...templateFaults(template),
    ...(restart.text === '' ? [] : restart.supported(['Always'])),
    ...template
      .at('spec', 'activeDeadlineSeconds')
      .forbidden('activeDeadlineSeconds in ReplicaSet is not Supported'),
    ...strategyFaults(spec.at('strategy')),
    ...atLeastZero(ready),
    ...atLeastZero(spec.at('revisionHistoryLimit')),
    ...atLeastZero(deadline),
    ...numberFault(
      deadline,
      (seconds) => seconds <= Number(ready.value),
      'must be greater than minReadySeconds',
    ),
  ];
}

function strategyFaults(strategy: Place): FieldError[] {
  const rolling = strategy.at('rollingUpdate');
  if (strategy.at('type').text === 'Recreate')
    return rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
  return [
    ...strategy.at('type').supported(['Recreate', 'RollingUpdate']),
    ...['maxUnavailable', 'maxSurge'].flatMap((field) => {
      const amount = rolling.at(field);
      return typeof amount.value === 'string'
        ? amount.invalidIf(
            !/^\d+%$/.test(amount.text),
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
          )
        : atLeastZero(amount);
    }),
    ...rolling
      .at('maxUnavailable')
      .invalidIf(
        isNone(rolling.at('maxUnavailable')) && isNone(rolling.at('maxSurge')),
        'may not be 0 when `maxSurge` is 0',
      ),
  ];
}

const isNone = ({ value }: Place): boolean => value === 0 || value === '0%';

export function jobFaults(job: Place): FieldError[] {
  const spec = job.at('spec');
  const template = spec.at('template');
  const restart = template.at('spec', 'restartPolicy');
  return [
    ...[
      'parallelism',
      'completions',
      'activeDeadlineSeconds',
      'backoffLimit',
      'ttlSecondsAfterFinished',
    ].flatMap((field) => atLeastZero(spec.at(field))),
    ...spec.at('completionMode').supported(['Indexed', 'NonIndexed']),
    ...labelSelectorFaults(spec.at('selector')),
    ...spec
      .at('selector')
      .invalidIf(
        spec.at('selector').isSet && spec.at('manualSelector').value !== true,
        '`selector` will be auto-generated',
        goLabelSelector(spec.at('selector').value),
      ),
    ...templateFaults(template),
    ...(restart.text === 'Always'
      ? restart.required('valid values: "OnFailure", "Never"')
      : restart.text === ''
        ? []
        : restart.supported(['OnFailure', 'Never'])),
  ];
}

const fixed =
  (...fields: readonly string[]) =>
  (object: Place, old: Place): FieldError[] =>
    fields.flatMap((field) => {
      const part = object.at('spec', field);
      return part.invalidIf(
        !isDeepStrictEqual(part.value, old.at('spec', field).value),
        'field is immutable',
        field === 'selector' ? goLabelSelector(part.value) : undefined,
      );
    });

/** What selects the pods stays; what a Job was made for stays, too. */
export const deploymentChanges = fixed('selector');
export const jobChanges = fixed('completions', 'selector', 'template', 'completionMode');
