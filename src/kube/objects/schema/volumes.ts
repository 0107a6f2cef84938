/** Volumes of pods: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import { labelSelector, objectMeta } from './meta.ts';
import {
  localObjectReference,
  objectFieldSelector,
  resourceFieldSelector,
  typedLocalObjectReference,
  typedObjectReference,
} from './references.ts';

const awsElasticBlockStoreVolumeSource = message('AWSElasticBlockStoreVolumeSource', {
  volumeID: [1, 'string'],
  fsType: [2, 'string'],
  partition: [3, optional('int32')],
  readOnly: [4, optional('bool')],
});

const azureDiskVolumeSource = message('AzureDiskVolumeSource', {
  diskName: [1, 'string'],
  diskURI: [2, 'string'],
  cachingMode: [3, text('v1.AzureDataDiskCachingMode')],
  fsType: [4, 'string'],
  readOnly: [5, 'bool'],
  kind: [6, text('v1.AzureDataDiskKind')],
});

const azureFileVolumeSource = message('AzureFileVolumeSource', {
  secretName: [1, 'string'],
  shareName: [2, 'string'],
  readOnly: [3, optional('bool')],
});

const csiVolumeSource = message('CSIVolumeSource', {
  driver: [1, 'string'],
  readOnly: [2, 'bool'],
  fsType: [3, 'string'],
  volumeAttributes: [4, map('string')],
  nodePublishSecretRef: [5, localObjectReference],
});

const cephFSVolumeSource = message('CephFSVolumeSource', {
  monitors: [1, list('string')],
  path: [2, 'string'],
  user: [3, 'string'],
  secretFile: [4, 'string'],
  secretRef: [5, localObjectReference],
  readOnly: [6, optional('bool')],
});

const cinderVolumeSource = message('CinderVolumeSource', {
  volumeID: [1, 'string'],
  fsType: [2, 'string'],
  readOnly: [3, optional('bool')],
  secretRef: [4, localObjectReference],
});

const clusterTrustBundleProjection = message('ClusterTrustBundleProjection', {
  name: [1, 'string'],
  signerName: [2, 'string'],
  labelSelector: [3, labelSelector],
  optional: [5, 'bool'],
  path: [4, 'string'],
});

const keyToPath = message('KeyToPath', { key: [1, 'string'], path: [2, 'string'], mode: [3, 'int32'] });

const configMapProjection = message(
  'ConfigMapProjection',
  {
    items: [2, list(keyToPath)],
    optional: [4, 'bool'],
  },
  [1, localObjectReference],
);

const configMapVolumeSource = message(
  'ConfigMapVolumeSource',
  {
    items: [2, list(keyToPath)],
    defaultMode: [3, 'int32'],
    optional: [4, 'bool'],
  },
  [1, localObjectReference],
);

const downwardAPIVolumeFile = message('DownwardAPIVolumeFile', {
  path: [1, 'string'],
  fieldRef: [2, objectFieldSelector],
  resourceFieldRef: [3, resourceFieldSelector],
  mode: [4, 'int32'],
});

const downwardAPIProjection = message('DownwardAPIProjection', { items: [1, list(downwardAPIVolumeFile)] });

const downwardAPIVolumeSource = message('DownwardAPIVolumeSource', {
  items: [1, list(downwardAPIVolumeFile)],
  defaultMode: [2, 'int32'],
});

const emptyDirVolumeSource = message('EmptyDirVolumeSource', {
  medium: [1, text('v1.StorageMedium')],
  sizeLimit: [2, 'quantity'],
});

const volumeResourceRequirements = message('VolumeResourceRequirements', {
  limits: [1, map('quantity', 'v1.ResourceList')],
  requests: [2, map('quantity', 'v1.ResourceList')],
});

const persistentVolumeClaimSpec = message('PersistentVolumeClaimSpec', {
  accessModes: [1, list(text('v1.PersistentVolumeAccessMode'))],
  selector: [4, labelSelector],
  resources: [2, volumeResourceRequirements],
  volumeName: [3, 'string'],
  storageClassName: [5, 'string'],
  volumeMode: [6, text('v1.PersistentVolumeMode')],
  dataSource: [7, typedLocalObjectReference],
  dataSourceRef: [8, typedObjectReference],
  volumeAttributesClassName: [9, 'string'],
});

const persistentVolumeClaimTemplate = message('PersistentVolumeClaimTemplate', {
  metadata: [1, objectMeta],
  spec: [2, persistentVolumeClaimSpec],
});

const ephemeralVolumeSource = message('EphemeralVolumeSource', {
  volumeClaimTemplate: [1, persistentVolumeClaimTemplate],
});

const fcVolumeSource = message('FCVolumeSource', {
  targetWWNs: [1, list('string')],
  lun: [2, 'int32'],
  fsType: [3, 'string'],
  readOnly: [4, optional('bool')],
  wwids: [5, list('string')],
});

const flexVolumeSource = message('FlexVolumeSource', {
  driver: [1, 'string'],
  fsType: [2, 'string'],
  secretRef: [3, localObjectReference],
  readOnly: [4, optional('bool')],
  options: [5, map('string')],
});

const flockerVolumeSource = message('FlockerVolumeSource', {
  datasetName: [1, 'string'],
  datasetUUID: [2, 'string'],
});

const gcePersistentDiskVolumeSource = message('GCEPersistentDiskVolumeSource', {
  pdName: [1, 'string'],
  fsType: [2, 'string'],
  partition: [3, optional('int32')],
  readOnly: [4, optional('bool')],
});

const gitRepoVolumeSource = message('GitRepoVolumeSource', {
  repository: [1, 'string'],
  revision: [2, 'string'],
  directory: [3, 'string'],
});

const glusterfsVolumeSource = message('GlusterfsVolumeSource', {
  endpoints: [1, 'string'],
  path: [2, 'string'],
  readOnly: [3, optional('bool')],
});

const hostPathVolumeSource = message('HostPathVolumeSource', {
  path: [1, 'string'],
  type: [2, text('v1.HostPathType')],
});

const iscsiVolumeSource = message('ISCSIVolumeSource', {
  targetPortal: [1, 'string'],
  iqn: [2, 'string'],
  lun: [3, 'int32'],
  iscsiInterface: [4, 'string'],
  fsType: [5, 'string'],
  readOnly: [6, optional('bool')],
  portals: [7, list('string')],
  chapAuthDiscovery: [8, optional('bool')],
  chapAuthSession: [11, optional('bool')],
  secretRef: [10, localObjectReference],
  initiatorName: [12, 'string'],
});

const imageVolumeSource = message('ImageVolumeSource', {
  reference: [1, 'string'],
  pullPolicy: [2, text('v1.PullPolicy')],
});

const nfsVolumeSource = message('NFSVolumeSource', {
  server: [1, 'string'],
  path: [2, 'string'],
  readOnly: [3, optional('bool')],
});

const persistentVolumeClaimVolumeSource = message('PersistentVolumeClaimVolumeSource', {
  claimName: [1, 'string'],
  readOnly: [2, optional('bool')],
});

const photonPersistentDiskVolumeSource = message('PhotonPersistentDiskVolumeSource', {
  pdID: [1, 'string'],
  fsType: [2, 'string'],
});

const secretVolumeSource = message('SecretVolumeSource', {
  secretName: [1, 'string'],
  items: [2, list(keyToPath)],
  defaultMode: [3, 'int32'],
  optional: [4, 'bool'],
});

const rbdVolumeSource = message('RBDVolumeSource', {
  monitors: [1, list('string')],
  image: [2, 'string'],
  fsType: [3, 'string'],
  pool: [4, 'string'],
  user: [5, 'string'],
  keyring: [6, 'string'],
  secretRef: [7, localObjectReference],
  readOnly: [8, optional('bool')],
});

const vsphereVirtualDiskVolumeSource = message('VsphereVirtualDiskVolumeSource', {
  volumePath: [1, 'string'],
  fsType: [2, 'string'],
  storagePolicyName: [3, 'string'],
  storagePolicyID: [4, 'string'],
});

const quobyteVolumeSource = message('QuobyteVolumeSource', {
  registry: [1, 'string'],
  volume: [2, 'string'],
  readOnly: [3, optional('bool')],
  user: [4, 'string'],
  group: [5, 'string'],
  tenant: [6, 'string'],
});

const secretProjection = message(
  'SecretProjection',
  {
    items: [2, list(keyToPath)],
    optional: [4, 'bool'],
  },
  [1, localObjectReference],
);

const serviceAccountTokenProjection = message('ServiceAccountTokenProjection', {
  audience: [1, 'string'],
  expirationSeconds: [2, 'int64'],
  path: [3, 'string'],
});

const volumeProjection = message('VolumeProjection', {
  secret: [1, secretProjection],
  downwardAPI: [2, downwardAPIProjection],
  configMap: [3, configMapProjection],
  serviceAccountToken: [4, serviceAccountTokenProjection],
  clusterTrustBundle: [5, clusterTrustBundleProjection],
});

const projectedVolumeSource = message('ProjectedVolumeSource', {
  sources: [1, list(volumeProjection)],
  defaultMode: [2, 'int32'],
});

const portworxVolumeSource = message('PortworxVolumeSource', {
  volumeID: [1, 'string'],
  fsType: [2, 'string'],
  readOnly: [3, optional('bool')],
});

const scaleIOVolumeSource = message('ScaleIOVolumeSource', {
  gateway: [1, 'string'],
  system: [2, 'string'],
  secretRef: [3, localObjectReference],
  sslEnabled: [4, optional('bool')],
  protectionDomain: [5, 'string'],
  storagePool: [6, 'string'],
  storageMode: [7, 'string'],
  volumeName: [8, 'string'],
  fsType: [9, 'string'],
  readOnly: [10, optional('bool')],
});

const storageOSVolumeSource = message('StorageOSVolumeSource', {
  volumeName: [1, 'string'],
  volumeNamespace: [2, 'string'],
  fsType: [3, 'string'],
  readOnly: [4, optional('bool')],
  secretRef: [5, localObjectReference],
});

const volumeSource = message('VolumeSource', {
  hostPath: [1, hostPathVolumeSource],
  emptyDir: [2, emptyDirVolumeSource],
  gcePersistentDisk: [3, gcePersistentDiskVolumeSource],
  awsElasticBlockStore: [4, awsElasticBlockStoreVolumeSource],
  gitRepo: [5, gitRepoVolumeSource],
  secret: [6, secretVolumeSource],
  nfs: [7, nfsVolumeSource],
  iscsi: [8, iscsiVolumeSource],
  glusterfs: [9, glusterfsVolumeSource],
  persistentVolumeClaim: [10, persistentVolumeClaimVolumeSource],
  rbd: [11, rbdVolumeSource],
  flexVolume: [12, flexVolumeSource],
  cinder: [13, cinderVolumeSource],
  cephfs: [14, cephFSVolumeSource],
  flocker: [15, flockerVolumeSource],
  downwardAPI: [16, downwardAPIVolumeSource],
  fc: [17, fcVolumeSource],
  azureFile: [18, azureFileVolumeSource],
  configMap: [19, configMapVolumeSource],
  vsphereVolume: [20, vsphereVirtualDiskVolumeSource],
  quobyte: [21, quobyteVolumeSource],
  azureDisk: [22, azureDiskVolumeSource],
  photonPersistentDisk: [23, photonPersistentDiskVolumeSource],
  projected: [26, projectedVolumeSource],
  portworxVolume: [24, portworxVolumeSource],
  scaleIO: [25, scaleIOVolumeSource],
  storageos: [27, storageOSVolumeSource],
  csi: [28, csiVolumeSource],
  ephemeral: [29, ephemeralVolumeSource],
  image: [30, imageVolumeSource],
});

export const volume = message('Volume', { name: [1, 'string'] }, [2, volumeSource]);

/** The sources of a volume: exactly one is set; they are checked in this order. */
export const volumeSources: readonly string[] = [
  ...new Set(['emptyDir', ...Object.keys(volumeSource.fields)]),
];
