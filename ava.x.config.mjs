export default { files: ['dist/x/*.js','dist/groups/*.js'], workerThreads: false, timeout:'10m' };
