/** Validates security contexts, a pod's and a container's. */
import type { FieldError } from '../field-error.ts';
import type { Place } from './place.ts';
import { between, most32, oneOf, oneOfOrNone } from './rules.ts';

/** @param kind as the messages name it. */
function profileFaults(context: Place, field: string, kind: string): FieldError[] {
  const profile = context.at(field);
  if (!profile.isSet) return [];
  const type = profile.at('type');
  const localhost = profile.at('localhostProfile');
  const isLocalhost = type.text === 'Localhost';
  return [
    ...oneOf(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], `type is required when ${field} is set`),
    ...localhost.requiredIf(isLocalhost && !localhost.isSet, `must be set when ${kind} type is Localhost`),
    ...localhost.invalidIf(!isLocalhost && localhost.isSet, `can only be set when ${kind} type is Localhost`),
  ];
}

/** What a container's and a pod's own security contexts have in common. */
function sharedFaults(context: Place): FieldError[] {
  return [
    ...['runAsUser', 'runAsGroup', 'fsGroup'].flatMap((field) => between(context.at(field), 0, most32)),
    ...profileFaults(context, 'seccompProfile', 'seccomp'),
    ...profileFaults(context, 'appArmorProfile', 'AppArmor'),
  ];
}

export function containerSecurityFaults(context: Place): FieldError[] {
  if (!context.isSet) return [];
  const isClosed = context.at('allowPrivilegeEscalation').value === false;
  const added = context.at('capabilities', 'add').items.map(({ text }) => text);
  return [
    ...sharedFaults(context),
    ...oneOfOrNone(context.at('procMount'), ['Default', 'Unmasked']),
    ...context.invalidIf(
      isClosed && context.at('privileged').value === true,
      'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ),
    ...context.invalidIf(
      isClosed && added.includes('CAP_SYS_ADMIN'),
      'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
    ),
  ];
}

export function podSecurityFaults(spec: Place): FieldError[] {
  const context = spec.at('securityContext');
  if (!context.isSet) return [];
  return [
    ...sharedFaults(context),
    ...context.at('supplementalGroups').items.flatMap((group) => between(group, 0, most32)),
    ...context
      .at('shareProcessNamespace')
      .invalidIf(
        spec.at('shareProcessNamespace').value === true && spec.at('hostPID').value === true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
        true,
      ),
    ...oneOfOrNone(context.at('fsGroupChangePolicy'), ['Always', 'OnRootMismatch']),
  ];
}
