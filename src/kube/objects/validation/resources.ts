/** Validates a container's resources: names and amounts, and requests against limits. */
import type { FieldError } from '../field-error.ts';
import { quantityValue } from '../quantity.ts';
import type { Place } from './place.ts';
import { qualifiedName } from './rules.ts';

const standardResources = ['cpu', 'memory', 'ephemeral-storage'];
/** They stand for whole things, and are not shared. */
const isWhole = (name: string): boolean => name.includes('/') || name.startsWith('hugepages-');
const oneNano = 1_000_000_000n;

export function resourceFaults(resources: Place): FieldError[] {
  const limits = resources.at('limits');
  const requests = resources.at('requests');
  const limited = new Map(limits.members);
  return [
    ...limits.members.flatMap(([name, amount]) => amountFaults(name, amount)),
    ...requests.members.flatMap(([name, amount]) => [
      ...amountFaults(name, amount),
      ...requestFaults(name, amount.as(requests.path), limits, limited.get(name)?.text),
    ]),
  ];
}

function amountFaults(name: string, amount: Place): FieldError[] {
  const value = quantityValue(amount.text);
  return [
    ...resourceNameFaults(name, amount),
    ...amount.invalidIf(value < 0n, 'must be greater than or equal to 0'),
    ...amount.invalidIf(isWhole(name) && value % oneNano !== 0n, 'must be an integer'),
  ];
}

/** @param limit of the same resource. */
function requestFaults(name: string, request: Place, limits: Place, limit: string | undefined): FieldError[] {
  if (limit === undefined)
    return limits.requiredIf(isWhole(name), 'Limit must be set for non overcommitable resources');
  const [asked, most] = [quantityValue(request.text), quantityValue(limit)];
  return isWhole(name)
    ? request.invalidIf(asked !== most, `must be equal to ${name} limit of ${limit}`)
    : request.invalidIf(asked > most, `must be less than or equal to ${name} limit of ${limit}`);
}

function resourceNameFaults(name: string, amount: Place): FieldError[] {
  const faults = qualifiedName(amount, name);
  if (faults.length > 0 || isWhole(name) || standardResources.includes(name)) return faults;
  return [
    ...amount.invalid('must be a standard resource type or fully qualified', name),
    ...amount.invalid('must be a standard resource for containers', name),
  ];
}
