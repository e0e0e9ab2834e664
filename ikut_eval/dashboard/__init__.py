"""The dashboards: pages of a bundle, as a folder of files or served through Voilà. Reads bundles and nothing else."""
