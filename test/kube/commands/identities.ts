/** Service accounts and their tokens; who is believed, and who is not. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const token = 'kubectl:cmd/create/create_token.go';
const issuing = 'pkg/registry/core/serviceaccount/storage/token.go';
const website = 'website:tasks/configure-pod-container/configure-service-account';
const unauthorized = 'error: You must be logged in to the server (Unauthorized)';
const authentication = 'apiserver:endpoints/filters/authentication.go';
const create = 'create -f -';
const asBearer = (file: string): string => `auth whoami --kubeconfig no-user.conf --token=@text(${file})`;

export const identities: readonly Command[] = [
  ok('create serviceaccount build-robot', 'serviceaccount/build-robot created', website),
  no(
    'create serviceaccount build-robot',
    'error: failed to create serviceaccount: serviceaccounts "build-robot" already exists',
    'kubectl:cmd/create/create_serviceaccount.go',
  ),
  ok('get sa', 'NAME SECRETS AGE\nbuild-robot 0 <age>\ndefault 0 <age>\nrobot 0 <age>', website),
  ok(
    'get sa/build-robot -o yaml',
    'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n creationTimestamp: "<time>"\n name: build-robot\n namespace: default\n resourceVersion: "<id>"\n uid: <word>',
    website,
  ),
  ok(
    'describe sa build-robot',
    'Name: build-robot\nNamespace: default\nLabels: <none>\nAnnotations: <none>\nImage pull secrets: <none>\nMountable secrets: <none>\nTokens: <none>\nEvents: <none>',
    'kubectl:describe/describe.go',
  ),
  ok('create token build-robot', 'eyJ<word>.<word>.<word>', token),
  ok('create token build-robot --duration=10m', 'eyJ<word>.<word>.<word>', token),
  ok('create token build-robot --audience=vault -o jsonpath={.spec.audiences}', '["vault"]', token),
  no(
    'create token build-robot --duration=5m',
    'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes',
    'pkg/apis/authentication/validation/validation.go',
  ),
  ok(
    'create token build-robot --duration=200000h',
    'eyJ<word>.<word>.<word>',
    'pkg/apis/authentication/validation/validation.go',
  ),
  no(
    'create token build-robot --duration=-1h',
    'error: --duration must be greater than or equal to 0',
    token,
  ),
  no(
    'create token build-robot --duration=soon',
    'error: invalid argument "soon" for "--duration" flag: time: invalid duration "soon"\nSee \'kubectl create token --help\' for usage.',
    token,
  ),
  no(
    'create token',
    "error: exactly one NAME is required, got 0\nSee 'kubectl create token -h' for help and examples",
    token,
  ),
  no('create token nope', 'error: failed to create token: serviceaccounts "nope" not found', issuing),
  no(
    'create token build-robot --bound-object-kind=Deployment --bound-object-name=x',
    'error: supported --bound-object-kind values are Node, Pod, Secret',
    token,
  ),
  no(
    'create token build-robot --bound-object-kind=Secret',
    'error: --bound-object-name is required if --bound-object-kind is provided',
    token,
  ),
  no(
    'create token build-robot --bound-object-kind=Secret --bound-object-name=nope',
    'error: failed to create token: secrets "nope" not found',
    issuing,
  ),
  no(
    'create token build-robot --bound-object-kind=Pod --bound-object-name=nope',
    'error: failed to create token: pods "nope" not found',
    issuing,
  ),
  no(
    'create token build-robot --as=bob',
    'error: failed to create token: serviceaccounts "build-robot" is forbidden: User "bob" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"',
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok(
    asBearer('robot.token'),
    'ATTRIBUTE VALUE\nUsername system:serviceaccount:default:robot\nUID <word>\nGroups [system:serviceaccounts system:serviceaccounts:default system:authenticated]\nExtra: authentication.kubernetes.io/credential-id [JTI=<word>]',
    'pkg/serviceaccount/util.go',
  ),
  no(
    'get secrets --kubeconfig no-user.conf --token=@text(robot.token)',
    'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:default:robot" cannot list resource "secrets" in API group "" in the namespace "default"',
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok(
    'create rolebinding robot-view --clusterrole=view --serviceaccount=default:robot',
    'rolebinding.rbac.authorization.k8s.io/robot-view created',
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'get cm -o name --kubeconfig no-user.conf --token=@text(robot.token)',
    '<any>configmap/kube-root-ca.crt<any>',
    'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go',
    { isAwaited: true },
  ),
  no(asBearer('expired.token'), unauthorized, 'pkg/serviceaccount/claims.go'),
  no(asBearer('forged.token'), unauthorized, 'pkg/serviceaccount/jwt.go'),
  no(asBearer('vault.token'), unauthorized, 'pkg/serviceaccount/jwt.go'),
  no(
    'auth whoami --kubeconfig no-user.conf --token=abcdef.0000000000000000',
    unauthorized,
    'plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go',
  ),
  no('auth whoami --kubeconfig stranger.conf', unauthorized, authentication),
  no('auth whoami --kubeconfig expired.conf', unauthorized, authentication),
  no('auth whoami --kubeconfig serving.conf', unauthorized, authentication),
  ok(
    'auth whoami --kubeconfig bob.conf',
    'ATTRIBUTE VALUE\nUsername bob\nGroups [dev system:authenticated]\nExtra: authentication.kubernetes.io/credential-id [X509SHA256=<id>]',
    'apiserver:authentication/request/x509/x509.go',
  ),
  no(
    'get pods --kubeconfig bob.conf',
    'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  no(
    'get pods --kubeconfig bob.conf --client-certificate=pair.crt --client-key=other.key',
    'Error in configuration:\n* client-cert-data and client-cert are both specified for user. client-cert-data will override.\n* client-key-data and client-key are both specified for user; client-key-data will override',
    'client-go:transport/transport.go',
  ),
  ok('delete sa robot', 'serviceaccount "robot" deleted', 'kubectl:cmd/delete/delete.go'),
  no(asBearer('robot.token'), unauthorized, 'pkg/serviceaccount/claims.go'),
  ok(create, 'secret/robot-token created', website, {
    input: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'build-robot' } },
      type: 'kubernetes.io/service-account-token',
    },
  }),
  ok(
    'describe secret robot-token',
    'Name: robot-token\nNamespace: default\nLabels: <none>\nAnnotations: kubernetes.io/service-account.name: build-robot\n kubernetes.io/service-account.uid: <word>\n\nType: kubernetes.io/service-account-token\n\nData\n====\nca.crt: <id> bytes\nnamespace: 7 bytes\ntoken: eyJ<word>',
    website,
    { isAwaited: true },
  ),
  ok('describe sa build-robot', '<any>Tokens: robot-token<any>', website),
  ok('delete sa build-robot', 'serviceaccount "build-robot" deleted', 'kubectl:cmd/delete/delete.go'),
  no(
    'get secret robot-token',
    'Error from server (NotFound): secrets "robot-token" not found',
    'pkg/controller/serviceaccount/tokens_controller.go',
    { isAwaited: true },
  ),
  no(
    'run web --image=nginx --overrides=\'{"spec":{"serviceAccountName":"nope"}}\'',
    'Error from server (Forbidden): pods "web" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found',
    'plugin/pkg/admission/serviceaccount/admission.go',
  ),
  ok('run web --image=nginx', 'pod/web created', 'kubectl:cmd/run/run.go'),
  ok(
    "get pod web -o jsonpath='{.spec.serviceAccountName} {.spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds} {.spec.containers[0].volumeMounts[0].mountPath}'",
    'default 3607 /var/run/secrets/kubernetes.io/serviceaccount',
    'plugin/pkg/admission/serviceaccount/admission.go',
  ),
  no(
    'patch pod web -p \'{"spec":{"serviceAccountName":"other"}}\'',
    'The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)<any>',
    'pkg/apis/core/validation/validation.go',
  ),
  ok(
    'create token default --bound-object-kind=Pod --bound-object-name=web',
    'eyJ<word>.<word>.<word>',
    issuing,
  ),
  ok('delete pod web --now', 'pod "web" deleted', 'kubectl:cmd/delete/delete.go'),
  ok(
    'patch sa default -p \'{"automountServiceAccountToken":false}\'',
    'serviceaccount/default patched',
    website,
  ),
  ok(
    'patch sa default -p \'{"imagePullSecrets":[{"name":"regcred"}]}\'',
    'serviceaccount/default patched',
    website,
  ),
];
